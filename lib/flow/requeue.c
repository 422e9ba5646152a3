#include "flow/requeue.h"

#include "auth/token.h"
#include "base/fold.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/publish.h"
#include "flow/remove.h"
#include "flow/sweep.h"

struct selection {
	int (*each)(void *arg, const struct v2m_record *r);
	void *arg;
	const struct v2m_requeue_filter *filter;
	bool failed_too;
	int ended;
};

/* A failed job whose owner was not told is listed once, as failed. */
static int
visit_lost(void *arg, const struct v2m_record *r)
{
	struct selection *sel = arg;

	if (r->state == V2M_JOB_FAILED && sel->failed_too)
		return 0;
	sel->ended = sel->each(sel->arg, r);
	return sel->ended;
}

bool
v2m_requeue_matches(const struct v2m_requeue_filter *f,
    const struct v2m_record *r)
{
	return (f->reason == NULL || v2m_fold_has(r->reason, f->reason)) &&
	    (f->status == 0 || r->failure == f->status);
}

static int
visit_failed(void *arg, struct v2m_record *r)
{
	struct selection *sel = arg;

	return v2m_requeue_matches(sel->filter, r) ? sel->each(sel->arg, r) :
	    0;
}

const char *
v2m_requeue_lost_text(const struct v2m_record *r)
{
	if (r->state == V2M_JOB_RUNNING)
		return "its worker died";
	if (r->state == V2M_JOB_QUEUED)
		return "its message is lost";
	return r->end_published_at == 0 ? "its end was never announced" :
	    "its owner was not told: the message is lost";
}

int
v2m_requeue_select(struct v2m_services *s, unsigned which,
    const struct v2m_requeue_filter *filter,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct selection sel = { each, arg, filter,
	    (which & V2M_STUCK_FAILED) != 0, 0 };
	const struct v2m_filter failed = { .state = V2M_JOB_FAILED };
	int ret = 0;

	/* The lost ones first: each() may requeue failed jobs, and then the
	 * queue is no longer empty, which is a proof that messages are lost. */
	if ((which & V2M_STUCK_LOST) != 0) {
		ret = v2m_sweep_look(s, visit_lost, &sel, err);
		if (ret == 0)
			ret = v2m_announce_look(s, visit_lost, &sel, err);
		if (sel.ended != 0)
			return sel.ended;
	}
	if (ret == 0 && (which & V2M_STUCK_FAILED) != 0)
		ret = v2m_store_each(s->store, &failed, visit_failed, &sel,
		    err);
	return ret;
}

/* A job can only start again if its video is there. */
static int
has_video(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	int found = v2m_store_stat(s->store, V2M_VIDEO, id, NULL, err);

	if (found == 0)
		v2m_err_set(err, V2M_NOINPUT, "its video is no longer kept");
	return found == 1 ? 0 : -1;
}

static bool
would_start_anew(const struct v2m_record *r, bool again)
{
	return r->state == V2M_JOB_FAILED || r->state == V2M_JOB_HELD ||
	    (r->state == V2M_JOB_DONE && again);
}

static int
refuse_done(const char *hint, struct v2m_err *err)
{
	return hint == NULL ? v2m_err_set(err, V2M_FAILED, "it is done") :
	    v2m_err_set(err, V2M_FAILED, "it is done (%s)", hint);
}

static int
refuse_revival(enum v2m_revive why, const char *hint, struct v2m_err *err)
{
	switch (why) {
	case V2M_REVIVE_DONE:
		return refuse_done(hint, err);
	case V2M_REVIVE_UNSTORED:
		return v2m_err_busy(err, "its upload has not ended");
	case V2M_REVIVE_NO_VIDEO:
		return v2m_err_set(err, V2M_NOINPUT,
		    "its video is no longer kept");
	default:
		return v2m_err_set(err, V2M_NOINPUT, "it was removed");
	}
}

int
v2m_requeue(struct v2m_services *s, const char *id, bool again,
    const char *hint, struct v2m_err *err)
{
	struct v2m_record r;
	int revived;

	if (v2m_job_find(s->store, id, &r, err) < 0 ||
	    (would_start_anew(&r, again) && has_video(s, r.id, err) < 0))
		return -1;
	revived = v2m_job_revive(s->store, &r, again, err);
	if (revived < 0)
		return -1;
	switch ((enum v2m_revive)revived) {
	case V2M_REVIVED:
		return v2m_publish_job(s, &r, err);
	case V2M_REVIVE_BUSY:
		return 0;
	case V2M_REVIVE_DONE:
		if (r.end_published_at == 0)
			return v2m_publish_end(s, &r, NULL, err);
		break;
	default:
		break;
	}
	return refuse_revival((enum v2m_revive)revived, hint, err);
}

int
v2m_requeue_lost(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_record r;

	if (v2m_job_find(s->store, id, &r, err) < 0)
		return -1;
	if (!v2m_job_has_ended(&r))
		return v2m_requeue(s, id, false, NULL, err);
	return v2m_publish_end_again(s, &r, err) < 0 ? -1 : 0;
}

int
v2m_requeue_drop(struct v2m_services *s, const char *id, const char *hint,
    struct v2m_err *err)
{
	const struct v2m_claims all = { .admin = true };
	struct v2m_record r;

	if (v2m_job_find(s->store, id, &r, err) < 0)
		return -1;
	if (r.state == V2M_JOB_DONE)
		return refuse_done(hint, err);
	return v2m_remove(s, &all, id, err);
}
