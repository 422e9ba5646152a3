#include "flow/sweep.h"

#include <string.h>

#include "base/clock.h"
#include "flow/job.h"
#include "flow/lease.h"
#include "flow/publish.h"

/* How long a message may be on its way before it counts as lost, at least. */
#define GRACE_MS 60000

#define MOST_PAUSING 1000

struct sweep {
	struct v2m_services *s;
	int64_t now, grace_ms;
	int64_t pausing;	/* queued jobs that are not due */
	unsigned found;
	int (*look)(void *arg, const struct v2m_record *r);	/* or NULL */
	void *arg;
};

/* 1 it was published again, 0 it need not be, -1. */
typedef int mender(struct sweep *w, struct v2m_record *r, struct v2m_err *err);

static int
publish_again(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	int won;

	if (w->look != NULL)
		return w->look(w->arg, r) == 0 ? 1 : -1;
	won = v2m_job_requeued(w->s->store, r, err);
	if (won != 1)
		return won;
	return v2m_publish_job(w->s, r, err) < 0 ? -1 : 1;
}

/* Its worker died; the message has come back by itself or is lost. */
static int
mend_running(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	/* queued_at is the time of the last publishing. */
	if (!v2m_lease_is_over(r, w->now) ||
	    r->queued_at > w->now - w->grace_ms)
		return 0;
	return publish_again(w, r, err);
}

static int
mend_end(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	if (r->done_at > w->now - w->grace_ms)
		return 0;
	if (strcmp(r->notify_state, "sending") == 0 &&
	    !v2m_notify_lease_is_over(r, w->now))
		return 0;
	/* Told when a pipe named it: that needs no message any more. */
	if (r->notify_state[0] != '\0' && strcmp(r->notify_state,
	    "sending") != 0)
		return w->look == NULL && v2m_job_end_published(w->s->store, r,
		    err) < 0 ? -1 : 0;
	if (w->look != NULL)
		return w->look(w->arg, r) == 0 ? 1 : -1;
	return v2m_publish_end(w->s, r, NULL, err) < 0 ? -1 : 1;
}

static int
mend_queued(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	/* A converter that writes no records may be at it. */
	if (r->fence == 0 && strcmp(v2m_conf_text(w->s->conf, "converter"),
	    "foreign") == 0)
		return 0;
	if (r->queued_at > w->now - w->grace_ms || r->due > w->now)
		return 0;
	return publish_again(w, r, err);
}

static int
count_pausing(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	(void)err;
	w->pausing += r->due > w->now;
	return 0;
}

struct turn {
	struct sweep *w;
	mender *mend;
	struct v2m_err *err;
};

static int
mend_one(void *arg, struct v2m_record *r)
{
	struct turn *t = arg;
	int mended = strcmp(r->via, "pipe") == 0 ? 0 :
	    t->mend(t->w, r, t->err);

	if (mended < 0)
		return -1;
	t->w->found += (unsigned)mended;
	return 0;
}

static int
each(struct sweep *w, const struct v2m_filter *filter, mender *mend,
    struct v2m_err *err)
{
	struct turn t = { w, mend, err };

	return v2m_store_each(w->s->store, filter, mend_one, &t, err);
}

/* Is there no message that a queued job could be waiting behind?  Those that
 * are left belong to jobs in a pause, which may last for days. */
static int
is_empty(struct sweep *w, const struct v2m_filter *queued,
    struct v2m_err *err)
{
	int64_t depth;

	if (v2m_queue_depth(w->s->queue, v2m_conf_text(w->s->conf,
	    "queue_video"), &depth, err) < 0)
		return -1;
	/* A long line is no empty one, and not worth reading for that. */
	if (depth > MOST_PAUSING)
		return 0;
	if (depth > 0 && each(w, queued, count_pausing, err) < 0)
		return -1;
	return depth <= w->pausing;
}

static int
sweep(struct sweep *w, struct v2m_err *err)
{
	struct v2m_services *s = w->s;
	const struct v2m_filter running = { .state = V2M_JOB_RUNNING };
	struct v2m_filter done = { .state = V2M_JOB_DONE,
	    .end_unpublished = true };
	struct v2m_filter failed = { .state = V2M_JOB_FAILED,
	    .end_unpublished = true };
	const struct v2m_filter queued = { .state = V2M_JOB_QUEUED };
	int empty;

	w->grace_ms = v2m_conf_number(s->conf, "lease");
	if (w->grace_ms > GRACE_MS)
		w->grace_ms = GRACE_MS;
	if (v2m_store_now(s->store, &w->now, err) < 0)
		return -1;
	empty = is_empty(w, &queued, err);
	if (empty < 0 || each(w, &running, mend_running, err) < 0 ||
	    each(w, &done, mend_end, err) < 0 ||
	    each(w, &failed, mend_end, err) < 0 ||
	    (empty == 1 && each(w, &queued, mend_queued, err) < 0))
		return -1;
	return 0;
}

int
v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err)
{
	struct sweep w = { .s = s };
	int ret = sweep(&w, err);

	*found = w.found;
	return ret;
}

int
v2m_sweep_look(struct v2m_services *s,
    int (*look)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct sweep w = { .s = s, .look = look, .arg = arg };

	return sweep(&w, err);
}

int64_t
v2m_sweep_pause_ms(const struct v2m_conf *conf)
{
	int64_t interval = v2m_conf_number(conf, "sweep_interval");

	return v2m_backoff_ms(interval, interval, 0);
}
