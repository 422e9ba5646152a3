#include "flow/job_move.h"

#include "store/moved.h"

int
v2m_job_move(struct v2m_store *s, struct v2m_record *r, v2m_job_judge *judge,
    void *arg, struct v2m_err *err)
{
	struct v2m_record now = *r;

	while (judge(&now, arg) == 1) {
		int put = v2m_store_put(s, &now, err);

		if (put < 0)
			return -1;
		if (put == 1) {
			*r = now;
			return 1;
		}
		if (v2m_store_get(s, r->id, &now, err) < 0)
			return -1;
		*r = now;
	}
	*r = now;
	return 0;
}

int
v2m_job_settle(struct v2m_store *s, struct v2m_record *r,
    bool (*mine)(const struct v2m_record *r, const char *holder),
    const char *holder)
{
	struct v2m_err err;
	int put;

	do {
		if (v2m_store_get(s, r->id, r, &err) < 0 ||
		    v2m_moved_check(s, V2M_WRITE_ON, &err) < 0)
			return -1;
		if (mine(r, holder))
			return 1;
		put = v2m_store_put(s, r, &err);
	} while (put == 0);
	return put < 0 ? -1 : 0;
}

void
v2m_job_drop_lease(struct v2m_record *r)
{
	r->holder[0] = '\0';
	r->until = r->lease_ms = 0;
	r->progress = -1;
}

void
v2m_job_reset_notification(struct v2m_record *r)
{
	if (r->notify_generation == r->generation)
		return;
	r->notify_generation = r->generation;
	r->told = V2M_TOLD_NOT_YET;
	r->notify_tries = r->notify_failure = 0;
	r->notify_pauses = r->notify_refusals = 0;
	r->notify_until = r->notify_lease_ms = 0;
	r->notify_since = r->notify_due = 0;
}
