/* What the other upload_*.c files share, and the facts of an upload. */
#include "flow/upload_private.h"

#include <stdlib.h>
#include <string.h>

#include "flow/job.h"
#include "flow/upload_steps.h"

/* How long an upload that cannot be resumed is kept after its last renewal. */
#define SINGLE_MS (15 * 60 * 1000)

int64_t
v2m_upload_lease(const struct v2m_services *s, bool resumable)
{
	return resumable ? v2m_conf_number(s->conf, "upload_expires") :
	    SINGLE_MS;
}

int
v2m_upload_check(struct v2m_services *s, int64_t length,
    struct v2m_err *err)
{
	int64_t limit = v2m_conf_limit(s->conf, "max_upload");

	if (length == 0)
		return v2m_err_set(err, V2M_DATA, "the file is empty");
	return length > limit ? v2m_upload_too_large(limit, err) : 0;
}

bool
v2m_upload_is_partial(const struct v2m_upload_stream *r)
{
	return r->partial.id[0] != '\0';
}

void
v2m_upload_remember(struct v2m_upload_stream *r)
{
	r->start = r->partial.offset;
	r->start_hashed = r->partial.hashed;
	r->start_hash = r->partial.hash;
}

int
v2m_upload_missing(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_NOINPUT, "no such upload");
}

enum v2m_upload_refusal
v2m_upload_why(enum v2m_quota_verdict verdict)
{
	switch (verdict) {
	case V2M_QUOTA_BYTES:
		return V2M_UPLOAD_BYTES;
	case V2M_QUOTA_JOBS:
	case V2M_QUOTA_UNFINISHED:
	case V2M_QUOTA_RESERVED:
		return V2M_UPLOAD_JOBS;
	default:
		return V2M_UPLOAD_OTHER;
	}
}

void
v2m_upload_undo(struct v2m_services *s, struct v2m_upload_stream *r,
    bool message_out)
{
	struct v2m_err ignored;

	v2m_partial_drop(s->store, r->record.id, &ignored);
	if (v2m_upload_step_undo(s, &r->record, message_out) == 1)
		r->why = V2M_UPLOAD_MAYBE;
	v2m_quota_release(s, r->record.owner, r->record.id, &ignored);
}

int
v2m_upload_drop(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_upload_stream *r = calloc(1, sizeof *r);
	int got, moved = 1, ret = -1;

	if (r == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot end an upload");
	got = v2m_store_get(s->store, id, &r->record, err);
	if (got == 0)
		moved = v2m_job_cancel(s->store, &r->record, err);
	else if (err->code != V2M_NOINPUT)
		goto out;
	if (moved < 0 && err->code != V2M_NOINPUT)
		goto out;
	/* A job that has its video needs no partial upload any more. */
	if (v2m_partial_drop(s->store, id, err) < 0)
		goto out;
	if (got == 0 && r->record.state == V2M_JOB_CANCELLED)
		v2m_upload_undo(s, r, false);
	ret = 1;
out:
	free(r);
	return ret;
}

void
v2m_upload_stream_free(struct v2m_upload_stream *r)
{
	if (r == NULL)
		return;
	v2m_partial_clear(&r->partial);
	free(r);
}

/* --- what is known --- */

const struct v2m_record *
v2m_upload_stream_record(const struct v2m_upload_stream *r)
{
	return &r->record;
}

enum v2m_upload_stage
v2m_upload_stream_stage(const struct v2m_upload_stream *r)
{
	return r->stage;
}

int64_t
v2m_upload_stream_offset(const struct v2m_upload_stream *r)
{
	return v2m_upload_is_partial(r) ? r->partial.offset : r->record.length;
}

int64_t
v2m_upload_stream_saved(const struct v2m_upload_stream *r)
{
	return v2m_upload_is_partial(r) ? r->partial.saved : r->record.length;
}

int64_t
v2m_upload_stream_length(const struct v2m_upload_stream *r)
{
	return v2m_upload_is_partial(r) ? r->partial.length : r->record.length;
}

int64_t
v2m_upload_stream_until(const struct v2m_upload_stream *r)
{
	return v2m_upload_is_partial(r) ? r->partial.until : 0;
}

enum v2m_upload_refusal
v2m_upload_stream_refusal(const struct v2m_upload_stream *r)
{
	return r->why;
}

/* v2m_upload_step_stored() will write the record. */
void
v2m_upload_stream_set_name(struct v2m_upload_stream *r, const char *name)
{
	v2m_upload_step_name(&r->record, name);
}

void
v2m_upload_stream_set_settings(struct v2m_upload_stream *r,
    const struct v2m_settings *settings)
{
	v2m_settings_format(settings, r->record.options);
}
