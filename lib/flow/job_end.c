/* The moves around publishing that a job has ended. */
#include "flow/job.h"

#include "flow/job_move.h"
#include "flow/lease.h"
#include "store/moved.h"

/* Not by v2m_job_move(): if another process was faster, it must fail. */
int
v2m_job_claim_end(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err)
{
	int64_t now;

	if (v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    v2m_store_now(s, &now, err) < 0)
		return -1;
	if (!v2m_job_has_ended(r) || !v2m_lease_is_over(r, now))
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

	if (!v2m_job_has_ended(r) || r->generation != end->generation ||
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
