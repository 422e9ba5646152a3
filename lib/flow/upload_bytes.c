/* Receives the bytes of an upload, and saves them. */
#include "flow/upload_private.h"

#include <string.h>

#include "base/clock.h"
#include "flow/upload_steps.h"

#define SIGN_MS (5 * 60 * 1000)	/* between two renewals of the reservation */

static int
set_refusal(struct v2m_upload_stream *r, const struct v2m_err *err)
{
	r->why = err->code == V2M_DENIED && !v2m_err_is_access(err) ?
	    V2M_UPLOAD_TAKEN : V2M_UPLOAD_OTHER;
	return -1;
}

static bool
needs_sign(const struct v2m_upload_stream *r)
{
	return v2m_mono_ms() - r->sign_at >= SIGN_MS;
}

/* Has it reserved too little for n more bytes? */
static bool
needs_more(const struct v2m_upload_stream *r, size_t n)
{
	return r->partial.length < 0 && !r->unlimited &&
	    r->partial.offset + (int64_t)n > r->reserved;
}

bool
v2m_upload_stream_gathers(const struct v2m_upload_stream *r, size_t n)
{
	/* Not if the lease has to be renewed: bytes may come slowly. */
	return v2m_partial_gathers(&r->partial, n) && !needs_sign(r) &&
	    !needs_more(r, n) &&
	    v2m_mono_ms() - r->renewed_at < r->record.lease_ms / 2;
}

/* The record was changed: was the upload removed, or resumed elsewhere? */
static int
say_who_has_it(const struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	struct v2m_record now;
	struct v2m_err why;
	int got = v2m_store_get(s->store, r->record.id, &now, &why);

	if ((got < 0 && why.code == V2M_NOINPUT) ||
	    (got == 0 && now.state == V2M_JOB_CANCELLED))
		return v2m_upload_missing(err);
	if (got == 0 && now.rev != r->record.rev)
		return v2m_err_set(err, V2M_DENIED, "another connection goes "
		    "on with the upload");
	return -1;
}

/* Renew the record's lease: for as long as a worker's, or, if the upload can be
 * resumed from saved bytes, for as long as these are kept. */
static int
renew_record(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	int64_t lease_ms = v2m_conf_number(s->conf, "lease");

	if (r->resumable && r->partial.saved > 0 &&
	    v2m_upload_lease(s, true) > lease_ms)
		lease_ms = v2m_upload_lease(s, true);
	r->renewed_at = v2m_mono_ms();
	if (v2m_upload_step_renew(s, &r->record, lease_ms, err) == 0)
		return 0;
	return v2m_err_is_busy(err) ? say_who_has_it(r, s, err) : -1;
}

static bool
needs_renewal(const struct v2m_upload_stream *r,
    const struct v2m_services *s)
{
	return v2m_mono_ms() - r->renewed_at >= v2m_conf_number(s->conf,
	    "lease") / 2;
}

static int
renew_reservation(struct v2m_upload_stream *r, struct v2m_services *s,
    int64_t lease_ms, struct v2m_err *err)
{
	enum v2m_quota_verdict verdict;

	r->sign_at = v2m_mono_ms();
	if (v2m_quota_renew(s, r->record.owner, r->record.id, lease_ms,
	    &verdict, err) == 0)
		return 0;
	r->why = v2m_upload_why(verdict);
	return -1;
}

static int
renew_upload(struct v2m_upload_stream *r, struct v2m_services *s, bool leave,
    struct v2m_err *err)
{
	int64_t lease = v2m_upload_lease(s, r->resumable), now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return set_refusal(r, err);
	r->partial.until = now + lease;
	if (v2m_partial_save(s->store, &r->partial, leave, err) < 0 ||
	    renew_record(r, s, err) < 0)
		return set_refusal(r, err);
	return leave || needs_sign(r) ? renew_reservation(r, s, lease, err) :
	    0;
}

/* An upload that has begun may use half of free_reserve. */
static int
look_on(struct v2m_services *s, struct v2m_upload_stream *r, size_t n,
    struct v2m_err *err)
{
	int64_t reserve = v2m_conf_number(s->conf, "free_reserve");

	if (v2m_partial_room(s->store, (int64_t)n - reserve / 2, reserve,
	    err) == 0)
		return 0;
	r->why = err->code == V2M_TEMP ? V2M_UPLOAD_ROOM : V2M_UPLOAD_OTHER;
	return -1;
}

static int
say_too_long(struct v2m_upload_stream *r, struct v2m_err *err)
{
	r->why = V2M_UPLOAD_LENGTH;
	if (r->partial.length >= 0)
		return v2m_err_set(err, V2M_DATA, "more bytes than were "
		    "announced (%lld)", (long long)r->partial.length);
	return v2m_upload_too_large(r->partial.most, err);
}

int
v2m_upload_stream_write(struct v2m_upload_stream *r, struct v2m_services *s,
    const void *buf, size_t n, struct v2m_err *err)
{
	int64_t most = r->partial.length >= 0 ? r->partial.length :
	    r->partial.most;

	if (r->stage != V2M_UPLOAD_COMING ||
	    (int64_t)n > most - r->partial.offset)
		return say_too_long(r, err);
	if (s != NULL && look_on(s, r, n, err) < 0)
		return -1;
	if (s != NULL && needs_more(r, n) && v2m_upload_reserve_more(s, r,
	    r->partial.offset + (int64_t)n, err) < 0)
		return -1;
	if (v2m_partial_append(s == NULL ? NULL : s->store, &r->partial, buf, n,
	    err) < 0)
		return set_refusal(r, err);
	if (s != NULL && needs_sign(r) && renew_upload(r, s, false, err) < 0)
		return -1;
	if (s != NULL && needs_renewal(r, s) && renew_record(r, s, err) < 0)
		return set_refusal(r, err);
	if (r->partial.offset == r->partial.length)
		r->stage = V2M_UPLOAD_STORED;
	return 0;
}

int
v2m_upload_stream_set_length(struct v2m_upload_stream *r,
    struct v2m_services *s, int64_t length, struct v2m_err *err)
{
	int64_t known = v2m_upload_stream_length(r);

	r->why = V2M_UPLOAD_LENGTH;
	if (known >= 0)
		return known == length ? 0 : v2m_err_set(err, V2M_DATA,
		    "its length was %lld before", (long long)known);
	if (v2m_upload_check(s, length, err) < 0)
		return -1;
	if (length < r->partial.offset || length > r->partial.most)
		return v2m_err_set(err, V2M_DATA, "%lld is not between what "
		    "came and what was announced", (long long)length);
	if (v2m_upload_reserve_length(s, r, length, err) < 0)
		return -1;
	r->partial.length = length;
	if (r->partial.offset == length)
		r->stage = V2M_UPLOAD_STORED;
	return 0;
}

int
v2m_upload_stream_save(struct v2m_upload_stream *r, struct v2m_services *s,
    bool leave, struct v2m_err *err)
{
	return v2m_upload_is_partial(r) ? renew_upload(r, s, leave, err) : 0;
}

/* The dropped bytes stay in the store behind the end, until the next resume
 * cuts them off. */
int
v2m_upload_stream_rewind(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	if (!v2m_upload_is_partial(r))
		return 0;
	r->partial.offset = r->start;
	r->partial.ngathered = 0;
	r->partial.hashed = r->start_hashed;
	r->partial.hash = r->start_hash;
	return v2m_upload_stream_save(r, s, true, err);
}
