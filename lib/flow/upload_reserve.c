/* Reserves the quota of an upload. */
#include "flow/upload_private.h"

#define MOST_ENDED 4		/* idle uploads removed for a new one */

/* An upload of unknown length reserves as much again as has come of it, within
 * these limits: so it asks seldom, and a small one leaves room for others. */
#define STEP_LEAST (4 << 20)
#define STEP_MOST (256 << 20)

static int
reserve(struct v2m_services *s, struct v2m_quota_request *ask,
    enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	char idle[V2M_ID_SIZE];
	struct v2m_err ignored;
	int reserved, tries = 0;

	while ((reserved = v2m_quota_reserve(s, ask, verdict, idle,
	    err)) < 0 && idle[0] != '\0' && tries++ < MOST_ENDED) {
		/* If it could not be removed, its reservation stays. */
		if (v2m_upload_drop(s, idle, &ignored) < 0)
			break;
		v2m_quota_release(s, ask->owner, idle, &ignored);
	}
	return reserved;
}

static struct v2m_quota_request
request_of(struct v2m_services *s, const struct v2m_upload_stream *r,
    int64_t bytes, int64_t least)
{
	return (struct v2m_quota_request){ .owner = r->record.owner,
	    .id = r->record.id, .bytes = bytes, .least = least,
	    .lease_ms = v2m_upload_lease(s, r->resumable),
	    .resumable = r->resumable };
}

/* How many bytes to ask for, if `need` have to fit. */
static int64_t
with_step(const struct v2m_upload_stream *r, int64_t need)
{
	int64_t step = need < STEP_LEAST ? STEP_LEAST : need > STEP_MOST ?
	    STEP_MOST : need;

	return r->partial.most - need < step ? r->partial.most : need + step;
}

int
v2m_upload_reserve(struct v2m_services *s, struct v2m_upload_stream *r,
    enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	struct v2m_quota_request ask = r->is_bounded ?
	    request_of(s, r, r->partial.most, 0) :
	    request_of(s, r, with_step(r, 0), 1);

	*verdict = V2M_QUOTA_FINE;
	if (r->unlimited)
		return 0;
	if (reserve(s, &ask, verdict, err) < 0)
		return -1;
	r->reserved = ask.bytes;
	return 0;
}

static int
change(struct v2m_services *s, struct v2m_upload_stream *r,
    struct v2m_quota_request ask, struct v2m_err *err)
{
	enum v2m_quota_verdict verdict;

	if (r->unlimited)
		return 0;
	ask.goes_on = true;
	if (reserve(s, &ask, &verdict, err) < 0) {
		r->why = v2m_upload_why(verdict);
		return -1;
	}
	r->reserved = ask.bytes;
	return 0;
}

int
v2m_upload_reserve_more(struct v2m_services *s, struct v2m_upload_stream *r,
    int64_t need, struct v2m_err *err)
{
	return change(s, r, request_of(s, r, with_step(r, need), need), err);
}

int
v2m_upload_reserve_length(struct v2m_services *s,
    struct v2m_upload_stream *r, int64_t length, struct v2m_err *err)
{
	return change(s, r, request_of(s, r, length, 0), err);
}
