#include "flow/lease.h"

#define UNKNOWN_MS 3600000	/* no lease of unknown length is longer */

/* Differences only: a sum with an absurd length could overflow. */
bool
v2m_lease_is_wrong(int64_t until, int64_t length_ms, int64_t now)
{
	if (until <= now)
		return false;
	if (length_ms <= 0)
		return until - now > UNKNOWN_MS;
	return until - now > length_ms && until - now - length_ms > length_ms;
}

static bool
is_over(int64_t until, int64_t length_ms, int64_t now)
{
	return until <= now || v2m_lease_is_wrong(until, length_ms, now);
}

bool
v2m_lease_is_over(const struct v2m_record *r, int64_t now)
{
	return is_over(r->until, r->lease_ms, now);
}

bool
v2m_notify_lease_is_over(const struct v2m_record *r, int64_t now)
{
	return is_over(r->notify_until, r->notify_lease_ms, now);
}

bool
v2m_pause_is_over(const struct v2m_record *r, int64_t now)
{
	return is_over(r->due, r->due - r->queued_at, now);
}

bool
v2m_notify_pause_is_over(const struct v2m_record *r, int64_t now)
{
	return r->notify_due <= now ||
	    r->notify_due - now > V2M_NOTIFY_PAUSE_MOST_MS;
}

bool
v2m_lease_upload_ended(const struct v2m_record *r, int64_t now)
{
	/* Without a length it is from an older v2m, which had no leases for
	 * uploads. */
	return r->state == V2M_JOB_NEW && r->sha256[0] == '\0' &&
	    r->lease_ms > 0 && is_over(r->until, r->lease_ms, now);
}
