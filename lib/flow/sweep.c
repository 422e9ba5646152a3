#include "flow/sweep.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stop.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/lease.h"
#include "flow/line.h"
#include "flow/publish.h"
#include "flow/taken.h"
#include "store/moved.h"

#define MOST 100		/* that one sweep publishes */

struct sweep {
	struct v2m_services *s;
	struct v2m_line line;	/* of the queue of videos */
	unsigned found;
	int (*look)(void *arg, const struct v2m_record *r);	/* or NULL */
	void *arg;
};

/* Publish again what a job has lost, if it has.  1: published; 0: nothing was
 * lost; -1. */
typedef int examiner(struct sweep *w, struct v2m_record *r,
    struct v2m_err *err);

static int
publish_again(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	if (w->look != NULL)
		return w->look(w->arg, r) == 0 ? 1 : -1;
	return v2m_publish_job_again(w->s, r, err);
}

/* If the worker died, its message came back by itself or is lost.  The first
 * time it is published again in any case; then only if it is lost, like that of
 * a queued job. */
static int
examine_running(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	bool first = r->requeued_at == 0 || r->requeued_at < r->until;

	if (!v2m_lease_is_over(r, w->line.now) ||
	    r->queued_at > w->line.now - w->line.grace_ms)
		return 0;
	/* A lease that ended just now: its message may be on its way back. */
	if (v2m_lease_is_wrong(r->until, r->lease_ms, w->line.now))
		first = r->requeued_at == 0;
	else if (first && !w->line.empty &&
	    r->until > w->line.now - w->line.grace_ms)
		return 0;
	return first || v2m_line_lost_job(&w->line, r) ?
	    publish_again(w, r, err) : 0;
}

static int
examine_end(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	/* Another process may be about to publish it. */
	if (r->done_at > w->line.now - w->line.grace_ms ||
	    !v2m_lease_is_over(r, w->line.now))
		return 0;
	if (r->told == V2M_TOLD_SENDING &&
	    !v2m_notify_lease_is_over(r, w->line.now))
		return 0;
	/* A pipe of v2m-notify has told the owner: no message is needed. */
	if (v2m_told_is_over((enum v2m_told)r->told))
		return w->look == NULL && v2m_job_end_published(w->s->store, r,
		    false, err) < 0 ? -1 : 0;
	if (w->look != NULL)
		return w->look(w->arg, r) == 0 ? 1 : -1;
	return v2m_publish_end_again(w->s, r, err);
}

static int
examine_queued(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	return v2m_line_lost_job(&w->line, r) ? publish_again(w, r, err) : 0;
}

struct turn {
	struct sweep *w;
	examiner *examine;
	struct v2m_err *err;
};

static int
examine_one(void *arg, struct v2m_record *r)
{
	struct turn *t = arg;
	int published = r->via == V2M_VIA_PIPE ? 0 :
	    t->examine(t->w, r, t->err);

	if (published < 0)
		return -1;
	t->w->found += (unsigned)published;
	return t->w->look == NULL && t->w->found >= MOST;
}

/* 0, also when MOST were published; -1. */
static int
each(struct sweep *w, const struct v2m_filter *filter, examiner *examine,
    struct v2m_err *err)
{
	struct turn t = { w, examine, err };

	if (w->look == NULL && w->found >= MOST)
		return 0;
	return v2m_store_each(w->s->store, filter, examine_one, &t, err) < 0 ?
	    -1 : 0;
}

static int
sweep_queued(struct sweep *w, struct v2m_err *err)
{
	/* A foreign converter writes no records: it may be working on queued
	 * jobs, so only those that a worker of ours has claimed are
	 * examined. */
	struct v2m_filter queued = { .state = V2M_JOB_QUEUED,
	    .queued_before = w->line.before,
	    .claimed = strcmp(v2m_conf_text(w->s->conf, "converter"),
	    "foreign") == 0 };

	if (w->line.before <= 0)
		return 0;
	if (w->look == NULL) {
		queued.oldest = true;
		queued.limit = MOST;
	}
	return each(w, &queued, examine_queued, err);
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
	struct v2m_filter pausing = { .state = V2M_JOB_QUEUED };

	if (v2m_store_now(s->store, &pausing.due_after, err) < 0 ||
	    v2m_line_look(s, v2m_conf_text(s->conf, "queue_video"), &pausing,
	    &w->line, err) < 0)
		return -1;
	if (each(w, &running, examine_running, err) < 0 ||
	    each(w, &done, examine_end, err) < 0 ||
	    each(w, &failed, examine_end, err) < 0)
		return -1;
	return sweep_queued(w, err);
}

int
v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err)
{
	struct sweep w = { .s = s };
	int ret = sweep(&w, err);
	unsigned told = 0;

	if (ret == 0)
		ret = v2m_announce_lost(s, w.found < MOST ? MOST - w.found : 0,
		    &told, err);
	*found = w.found + told;
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

int
v2m_sweep_notices(struct v2m_services *s, unsigned *found,
    struct v2m_err *err)
{
	*found = 0;
	if (v2m_taken_present(s, v2m_conf_text(s->conf, "queue_mp3"), err) < 0)
		return -1;
	return v2m_announce_lost(s, MOST, found, err);
}

void
v2m_sweep_turn(const struct v2m_loop *loop, v2m_sweeper *sweeper,
    int64_t *next)
{
	int64_t interval = v2m_conf_number(loop->conf, "sweep_interval");
	struct v2m_services s;
	struct v2m_err err;
	unsigned found = 0;
	int ret = -1;

	if (v2m_mono_ms() < *next || v2m_stop_count() > 0)
		return;
	/* Less a random part, so that not all workers sweep at once. */
	*next = v2m_mono_ms() + v2m_backoff_ms(interval, interval, 0);
	if (v2m_services_open(&s, loop->conf, true, &err) == 0) {
		/* If the jobs have moved, the loop reports it. */
		ret = v2m_moved_is_elsewhere(s.store, &err) ? 0 :
		    sweeper(&s, &found, &err);
		v2m_services_close(&s);
	}
	v2m_metric_add(V2M_METRIC_SWEPT, NULL, found);
	if (ret < 0)
		v2m_event_always(NULL, "sweep", "result=tempfail reason=\"%s\"",
		    err.msg);
	else if (found > 0)
		v2m_event(NULL, "sweep", "found=%u result=ok", found);
}
