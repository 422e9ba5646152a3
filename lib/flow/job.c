#include "flow/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "flow/job_move.h"
#include "flow/lease.h"
#include "store/moved.h"

int
v2m_job_find(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_err first;

	if (v2m_id_check(id, err) < 0)
		return -1;
	if (v2m_store_get(s, id, r, &first) == 0)
		return 0;
	if (first.code != V2M_NOINPUT)
		return v2m_err_pass(err, &first);
	return v2m_store_get_by_mp3(s, id, r, err);
}

bool
v2m_job_has_ended(const struct v2m_record *r)
{
	return r->state == V2M_JOB_DONE || r->state == V2M_JOB_FAILED;
}

struct acceptance {
	enum v2m_state state;
	int64_t now;
};

static int
judge_accept(struct v2m_record *r, void *arg)
{
	const struct acceptance *a = arg;

	if (r->state != V2M_JOB_NEW)
		return 0;
	r->state = a->state;
	r->queued_at = a->now;
	return 1;
}

int
v2m_job_accept(struct v2m_store *s, struct v2m_record *r,
    enum v2m_state state, struct v2m_err *err)
{
	struct acceptance a = { .state = state };

	/* The owner will be told that the job is safe, so read the mark of a
	 * move again: a machine that was paused may trust an old one. */
	v2m_moved_doubt(s);
	if (v2m_store_now(s, &a.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_accept, &a, err);
}

static int
judge_cancel(struct v2m_record *r, void *arg)
{
	(void)arg;
	if (r->state != V2M_JOB_NEW)
		return 0;
	r->state = V2M_JOB_CANCELLED;
	return 1;
}

int
v2m_job_cancel(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	return v2m_job_move(s, r, judge_cancel, NULL, err);
}

/* Not by v2m_job_move(): if another process was faster, it must fail. */
int
v2m_job_requeued(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	if (v2m_store_now(s, &r->queued_at, err) < 0)
		return -1;
	r->requeued_at = r->queued_at;
	return v2m_store_put(s, r, err);
}

int
v2m_job_not_requeued(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *before, struct v2m_err *err)
{
	r->queued_at = before->queued_at;
	r->requeued_at = before->requeued_at;
	return v2m_store_put(s, r, err);
}

struct fetch {
	char mp3[V2M_ID_SIZE];
	int64_t now;
};

static int
judge_fetched(struct v2m_record *r, void *arg)
{
	const struct fetch *f = arg;

	if (r->state != V2M_JOB_DONE || r->fetched_at != 0 ||
	    strcmp(r->mp3, f->mp3) != 0)
		return 0;
	r->fetched_at = f->now;
	return 1;
}

int
v2m_job_fetched(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct fetch f;

	memcpy(f.mp3, r->mp3, sizeof f.mp3);
	if (v2m_store_now(s, &f.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_fetched, &f, err);
}

static int
judge_remove(struct v2m_record *r, void *arg)
{
	(void)arg;
	if (r->state == V2M_JOB_CANCELLED)
		return 0;
	r->state = V2M_JOB_CANCELLED;
	v2m_text_copy(r->reason, sizeof r->reason, "removed");
	v2m_job_drop_lease(r);
	return 1;
}

int
v2m_job_remove(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	return v2m_job_move(s, r, judge_remove, NULL, err);
}

struct revival {
	bool again;
	int64_t now;
	enum v2m_revive result;
};

static void
start_anew(struct v2m_record *r)
{
	r->generation++;
	r->attempts = r->lost = r->tries = 0;
	r->first_tried_at = 0;
	r->reason[0] = r->warnings[0] = '\0';
	r->failure = 0;
	r->done_at = r->end_published_at = r->end_again_at = r->fetched_at = 0;
	r->notify_reason[0] = '\0';
	v2m_job_reset_notification(r);
	v2m_job_drop_lease(r);
}

static int
judge_revive(struct v2m_record *r, void *arg)
{
	struct revival *v = arg;

	switch ((enum v2m_state)r->state) {
	case V2M_JOB_NEW:
		v->result = V2M_REVIVE_UNSTORED;
		return 0;
	case V2M_JOB_CANCELLED:
		v->result = V2M_REVIVE_GONE;
		return 0;
	case V2M_JOB_RUNNING:
		v->result = V2M_REVIVE_BUSY;
		if (!v2m_lease_is_over(r, v->now))
			return 0;
		/* The next worker to claim it counts the lost lease. */
		v->result = V2M_REVIVED;
		r->queued_at = r->requeued_at = v->now;
		return 1;
	case V2M_JOB_DONE:
		v->result = V2M_REVIVE_DONE;
		if (!v->again)
			return 0;
		break;
	default:
		break;
	}
	if (r->video_gone != 0) {
		v->result = V2M_REVIVE_NO_VIDEO;
		return 0;
	}
	if (v2m_job_has_ended(r))
		start_anew(r);
	v->result = V2M_REVIVED;
	r->state = V2M_JOB_QUEUED;
	r->due = 0;
	r->queued_at = r->requeued_at = v->now;
	r->via = V2M_VIA_QUEUE;
	return 1;
}

int
v2m_job_revive(struct v2m_store *s, struct v2m_record *r, bool again,
    struct v2m_err *err)
{
	struct revival v = { .again = again };

	if (v2m_store_now(s, &v.now, err) < 0 ||
	    v2m_job_move(s, r, judge_revive, &v, err) < 0)
		return -1;
	return (int)v.result;
}

struct prune {
	bool video, mp3;
	char id[V2M_ID_SIZE];		/* of the MP3 that was judged */
	int64_t generation, now;
};

static int
judge_prune(struct v2m_record *r, void *arg)
{
	struct prune *p = arg;

	if (!v2m_job_has_ended(r) ||
	    r->generation != p->generation || strcmp(r->mp3, p->id) != 0)
		return 0;
	if (p->video)
		r->video_gone = p->now;
	if (p->mp3)
		r->mp3[0] = '\0';
	return 1;
}

int
v2m_job_prune(struct v2m_store *s, struct v2m_record *r, bool video, bool mp3,
    struct v2m_err *err)
{
	struct prune p = { .video = video, .mp3 = mp3,
	    .generation = r->generation };

	memcpy(p.id, r->mp3, sizeof p.id);
	if (v2m_store_now(s, &p.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_prune, &p, err);
}
