#include "flow/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/announce.h"
#include "flow/job.h"

/* How long a message may be on its way before it counts as lost, at least. */
#define GRACE_MS 60000

struct sweep {
	struct v2m_services *s;
	int64_t now, grace_ms;
	unsigned found;
};

/* 1 it was published again, 0 it need not be, -1. */
typedef int mender(struct sweep *w, struct v2m_record *r, struct v2m_err *err);

static int
publish_again(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	int won = v2m_job_requeued(w->s->store, r, err);

	if (won != 1)
		return won;
	return v2m_announce_video(w->s, r, err) < 0 ? -1 : 1;
}

/* Its worker died; the message has come back by itself or is lost. */
static int
mend_running(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	/* queued_at is the time of the last publishing. */
	if (r->queued_at > w->now - w->grace_ms)
		return 0;
	return publish_again(w, r, err);
}

static int
mend_end(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	if (r->done_at > w->now - w->grace_ms || r->told[0] != '\0')
		return 0;
	return v2m_announce_end(w->s, r, NULL, err) < 0 ? -1 : 1;
}

static int
mend_queued(struct sweep *w, struct v2m_record *r, struct v2m_err *err)
{
	if (r->queued_at > w->now - w->grace_ms || r->due > w->now)
		return 0;
	return publish_again(w, r, err);
}

static int
each(struct sweep *w, const struct v2m_filter *filter, mender *mend,
    struct v2m_err *err)
{
	struct v2m_record *list;
	size_t i, n;
	int ret = -1;

	if (v2m_store_list(w->s->store, filter, &list, &n, err) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		int mended;

		if (strcmp(list[i].via, "pipe") == 0)
			continue;
		mended = mend(w, &list[i], err);
		if (mended < 0)
			goto out;
		w->found += (unsigned)mended;
	}
	ret = 0;
out:
	free(list);
	return ret;
}

int
v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err)
{
	struct sweep w = { .s = s };
	struct v2m_filter running = { .state = V2M_RUNNING };
	struct v2m_filter done = { .state = V2M_DONE, .unannounced = true };
	struct v2m_filter failed = { .state = V2M_FAILED_STATE,
	    .unannounced = true };
	struct v2m_filter queued = { .state = V2M_QUEUED, .limit = 1000 };
	int64_t depth;

	*found = 0;
	w.grace_ms = v2m_conf_number(s->conf, "lease");
	if (w.grace_ms > GRACE_MS)
		w.grace_ms = GRACE_MS;
	if (v2m_store_now(s->store, &w.now, err) < 0 ||
	    v2m_queue_depth(s->queue, v2m_conf_text(s->conf, "queue_video"),
	    &depth, err) < 0)
		return -1;
	running.until_before = w.now;
	if (each(&w, &running, mend_running, err) < 0 ||
	    each(&w, &done, mend_end, err) < 0 ||
	    each(&w, &failed, mend_end, err) < 0 ||
	    (depth == 0 && each(&w, &queued, mend_queued, err) < 0))
		return -1;
	*found = w.found;
	return 0;
}

int64_t
v2m_sweep_pause_ms(const struct v2m_conf *conf)
{
	int64_t interval = v2m_conf_number(conf, "sweep_interval");

	return v2m_backoff_ms(interval, interval, 0);
}
