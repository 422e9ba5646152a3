/* Inspects, resumes and expires uploads. */
#include "flow/upload_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Find the partial upload of a record in state `new`: 1; 0: there is none any
 * more, as it became this video; -1. */
static int
find_partial(struct v2m_services *s, const struct v2m_record *record,
    struct v2m_partial *partial, struct v2m_object *video,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_err failure;
	int64_t now;
	int has;

	if (v2m_partial_get(s->store, record->id, partial, &failure) < 0) {
		if (failure.code != V2M_NOINPUT)
			return v2m_err_pass(err, &failure);
		has = v2m_store_stat(s->store, V2M_VIDEO, record->id, video,
		    err);
		return has == 1 ? 0 : has < 0 ? -1 : v2m_upload_missing(err);
	}
	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	if (partial->until > now)
		return 1;
	*why = V2M_UPLOAD_EXPIRED;
	return v2m_err_set(err, V2M_NOINPUT, "the upload has expired");
}

int
v2m_upload_stream_inspect(struct v2m_services *s,
    const struct v2m_record *record, struct v2m_upload_stream_state *state,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_partial partial = { .rev = 0 };
	struct v2m_object video;
	int found;

	*why = V2M_UPLOAD_OTHER;
	memset(state, 0, sizeof *state);
	state->offset = state->length = record->length;
	state->stage = V2M_UPLOAD_ACCEPTED;
	if (record->state == V2M_JOB_CANCELLED)
		return v2m_upload_missing(err);
	if (record->state != V2M_JOB_NEW)
		return 0;
	found = find_partial(s, record, &partial, &video, why, err);
	state->stage = V2M_UPLOAD_STORED;
	if (found == 0)
		state->offset = state->length = video.length;
	if (found == 1) {
		state->length = partial.length;
		state->offset = partial.saved;
		state->until = partial.until;
		if (partial.length < 0 || partial.saved < partial.length)
			state->stage = V2M_UPLOAD_COMING;
		v2m_text_copy(state->text, sizeof state->text,
		    partial.text[0] == '\0' ? "" : partial.text + 1);
	}
	v2m_partial_clear(&partial);
	return found < 0 ? -1 : 0;
}

static int
resume_partial(struct v2m_services *s, struct v2m_upload_stream *r,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_object video;
	int found = find_partial(s, &r->record, &r->partial, &video, why, err);
	enum v2m_quota_verdict verdict;
	int64_t now;

	r->stage = V2M_UPLOAD_STORED;
	if (found == 0)
		r->record.length = video.length;
	if (found <= 0)
		return found;
	if (v2m_store_now(s->store, &now, err) < 0 ||
	    v2m_partial_take(s->store, r->record.id, now +
	    v2m_upload_lease(s, true), &r->partial, err) < 0)
		return -1;
	r->sign_at = v2m_mono_ms();
	if (v2m_quota_renew(s, r->record.owner, r->record.id,
	    v2m_upload_lease(s, true), &verdict, err) < 0) {
		*why = v2m_upload_why(verdict);
		return -1;
	}
	v2m_upload_remember(r);
	/* The next bytes extend the reservation. */
	r->reserved = r->partial.offset;
	r->skip_existing = r->partial.text[0] == V2M_UPLOAD_SKIP;
	if (r->partial.length < 0 || r->partial.offset < r->partial.length)
		r->stage = V2M_UPLOAD_COMING;
	return 0;
}

struct v2m_upload_stream *
v2m_upload_stream_resume(struct v2m_services *s,
    const struct v2m_record *record, enum v2m_upload_refusal *why,
    struct v2m_err *err)
{
	struct v2m_upload_stream *r = calloc(1, sizeof *r);
	int ret = -1;

	*why = V2M_UPLOAD_OTHER;
	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot receive an upload");
		return NULL;
	}
	r->record = *record;
	r->resumable = true;
	r->stage = V2M_UPLOAD_ACCEPTED;
	if (record->state == V2M_JOB_CANCELLED)
		ret = v2m_upload_missing(err);
	else
		ret = record->state == V2M_JOB_NEW ?
		    resume_partial(s, r, why, err) : 0;
	if (ret == 0)
		return r;
	v2m_upload_stream_free(r);
	return NULL;
}

/* Look again: it may have been resumed since it was listed.  1, 0, -1. */
static int
lives(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_partial partial = { .rev = 0 };
	int got = v2m_partial_get(s->store, id, &partial, err), ret;
	int64_t now;

	if (got < 0)
		ret = err->code == V2M_NOINPUT || err->code == V2M_IO ? 0 : -1;
	else
		ret = v2m_store_now(s->store, &now, err) < 0 ? -1 :
		    partial.until > now;
	v2m_partial_clear(&partial);
	return ret;
}

int
v2m_upload_stream_expire(struct v2m_services *s, const char *id,
    struct v2m_err *err)
{
	int alive = lives(s, id, err);

	if (alive != 0)
		return alive < 0 ? -1 : 0;
	return v2m_upload_drop(s, id, err);
}
