/* Which process publishes the end of a job, and that it did. */
#include "flow/job.h"

#include "flow/job_move.h"
#include "flow/lease.h"

static bool
has_ended(const struct v2m_record *r)
{
	return r->state == V2M_JOB_DONE || r->state == V2M_JOB_FAILED;
}

/* Only the one whose look is still the newest: no second judging. */
int
v2m_job_claim_end(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err)
{
	int64_t now;

	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	if (!has_ended(r) || !v2m_lease_is_over(r, now))
		return 0;
	r->until = now + lease_ms;
	r->lease_ms = lease_ms;
	return v2m_store_put(s, r, err);
}

struct end {
	bool again;
	int64_t generation, now;
};

static int
judge_published(struct v2m_record *r, void *arg)
{
	const struct end *end = arg;

	if (!has_ended(r) || r->generation != end->generation ||
	    (!end->again && r->end_published_at != 0))
		return 0;
	if (end->again)
		r->end_again_at = end->now;
	else
		r->end_published_at = end->now;
	v2m_job_drop_lease(r);
	return 1;
}

int
v2m_job_end_published(struct v2m_store *s, struct v2m_record *r, bool again,
    struct v2m_err *err)
{
	struct end end = { .again = again, .generation = r->generation };

	if (v2m_store_now(s, &end.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_published, &end, err);
}

int
v2m_job_release_end(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	v2m_job_drop_lease(r);
	return v2m_store_put(s, r, err);
}
