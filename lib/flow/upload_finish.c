/* Makes a job of a complete upload, or removes it. */
#include "flow/upload_private.h"

#include <string.h>

#include "base/fault.h"
#include "flow/job.h"
#include "flow/quota.h"
#include "flow/upload_steps.h"

/* Make the partial upload the video of the job. */
static int
store_video(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_object *video, struct v2m_err *err)
{
	int has;

	memset(video, 0, sizeof *video);
	if (!v2m_upload_is_partial(r)) {
		has = v2m_store_stat(s->store, V2M_VIDEO, r->record.id, video,
		    err);
		return has == 1 ? 0 : has < 0 ? -1 : v2m_upload_missing(err);
	}
	memcpy(video->name, r->record.name, sizeof video->name);
	memcpy(video->owner, r->record.owner, sizeof video->owner);
	if (v2m_partial_finish(s->store, &r->partial, video, err) < 0)
		return -1;
	v2m_partial_clear(&r->partial);
	r->record.length = video->length;
	r->stage = V2M_UPLOAD_STORED;
	return v2m_fault("upload-stored", err);
}

/* With skip_existing: 1 if the owner has a job for the same video, whose record
 * is in r now. */
static int
take_existing(struct v2m_upload_stream *r, struct v2m_services *s,
    const struct v2m_object *video, struct v2m_err *err)
{
	char id[V2M_ID_SIZE];
	struct v2m_record other;
	int found;

	if (!r->skip_existing)
		return 0;
	found = v2m_upload_step_existing(s, &r->record, video->sha256, id, err);
	if (found <= 0)
		return found;
	if (v2m_store_get(s->store, id, &other, err) < 0)
		return -1;
	v2m_upload_undo(s, r, false);
	r->record = other;
	return 1;
}

static int
refuse(struct v2m_upload_stream *r, const struct v2m_err *refused,
    struct v2m_err *err)
{
	if (refused->code == V2M_DATA)
		r->why = V2M_UPLOAD_CONTENT;
	return v2m_err_pass(err, refused);
}

static int
accept(struct v2m_upload_stream *r, struct v2m_services *s, bool *out,
    struct v2m_err *err)
{
	if (v2m_upload_step_stored(s, &r->record, &r->video, err) < 0)
		return -1;
	return v2m_upload_step_accept(s, &r->record, out, err);
}

enum found { UNKNOWN = -1, A_JOB, UNFINISHED, REMOVED };

/* After a failure, read the record again: another process may have finished or
 * removed the upload. */
static enum found
look_again(struct v2m_upload_stream *r, struct v2m_services *s)
{
	struct v2m_record now;
	struct v2m_err err;

	if (v2m_store_get(s->store, r->record.id, &now, &err) < 0)
		return err.code == V2M_NOINPUT ? REMOVED : UNKNOWN;
	if (now.state == V2M_JOB_NEW)
		return UNFINISHED;
	r->record = now;
	return now.state == V2M_JOB_CANCELLED ? REMOVED : A_JOB;
}

/* Has another connection resumed the upload, or was it removed? */
static bool
is_taken(const struct v2m_upload_stream *r, struct v2m_services *s)
{
	struct v2m_partial now = { .rev = 0 };
	struct v2m_err err;
	bool taken;

	if (!v2m_upload_is_partial(r))
		return false;
	if (v2m_partial_get(s->store, r->record.id, &now, &err) < 0)
		taken = err.code == V2M_NOINPUT && r->resumable;
	else
		taken = now.rev != r->partial.rev;
	v2m_partial_clear(&now);
	return taken;
}

/* Decide what stays of an upload that failed.  0: it is a job nevertheless. */
static int
give_up(struct v2m_upload_stream *r, struct v2m_services *s, bool message_out,
    struct v2m_err *err)
{
	enum found found = look_again(r, s);

	if (found == A_JOB)
		return 0;
	/* What was stored after it was removed has to be removed, too. */
	if (found == REMOVED) {
		v2m_upload_undo(s, r,
		    r->record.state == V2M_JOB_CANCELLED && message_out);
		r->why = V2M_UPLOAD_OTHER;
		return v2m_upload_missing(err);
	}
	if (is_taken(r, s)) {
		r->why = V2M_UPLOAD_TAKEN;
		return -1;
	}
	if (r->resumable && v2m_err_retry(err->code)) {
		if (message_out)
			r->why = V2M_UPLOAD_MAYBE;
		return -1;
	}
	v2m_upload_undo(s, r, message_out);
	return look_again(r, s) == A_JOB ? 0 : -1;
}

/* The same, and set the stage. */
static int
end_failed(struct v2m_upload_stream *r, struct v2m_services *s,
    bool message_out, struct v2m_err *err)
{
	if (give_up(r, s, message_out, err) < 0)
		return r->why == V2M_UPLOAD_MAYBE ?
		    v2m_upload_maybe(r->record.id, err) : -1;
	r->stage = V2M_UPLOAD_ACCEPTED;
	return 0;
}

bool
v2m_upload_stream_is_resumable(const struct v2m_upload_stream *r)
{
	return r->resumable;
}

int
v2m_upload_stream_complete(struct v2m_upload_stream *r,
    struct v2m_services *s, struct v2m_err *err)
{
	if (!r->resumable || r->unlimited || r->stage == V2M_UPLOAD_ACCEPTED)
		return 0;
	return v2m_quota_complete(s, r->record.owner, r->record.id, err);
}

int
v2m_upload_stream_finish_begin(struct v2m_upload_stream *r,
    struct v2m_services *s, bool *existed, struct v2m_err *err)
{
	int found;

	*existed = false;
	r->why = V2M_UPLOAD_OTHER;
	if (r->stage == V2M_UPLOAD_ACCEPTED)
		return 0;
	if (v2m_upload_stream_offset(r) == 0 && v2m_upload_is_partial(r)) {
		r->why = V2M_UPLOAD_LENGTH;
		v2m_err_set(err, V2M_DATA, "the file is empty");
		return give_up(r, s, false, err);
	}
	if (store_video(r, s, &r->video, err) < 0)
		return end_failed(r, s, false, err);
	found = take_existing(r, s, &r->video, err);
	if (found < 0)
		return end_failed(r, s, false, err);
	*existed = found == 1;
	if (*existed)
		r->stage = V2M_UPLOAD_ACCEPTED;
	return !*existed;
}

int
v2m_upload_stream_finish_end(struct v2m_upload_stream *r,
    struct v2m_services *s, const struct v2m_err *refused, struct v2m_err *err)
{
	bool message_out = false;
	struct v2m_err ignored;

	if ((refused != NULL && refuse(r, refused, err) < 0) ||
	    accept(r, s, &message_out, err) < 0)
		return end_failed(r, s, message_out, err);
	if (v2m_fault("upload-accepted", err) == 0)
		v2m_quota_release(s, r->record.owner, r->record.id, &ignored);
	r->stage = V2M_UPLOAD_ACCEPTED;
	return 0;
}

int
v2m_upload_stream_abort(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	int moved;

	if (r->stage == V2M_UPLOAD_ACCEPTED || is_taken(r, s))
		return 0;
	/* A worker may have claimed it, or somebody removed it, meanwhile. */
	moved = v2m_job_cancel(s->store, &r->record, err);
	if (moved < 0 && err->code != V2M_NOINPUT)
		return -1;
	if (moved == 0 && r->record.state != V2M_JOB_CANCELLED)
		return 0;
	v2m_upload_undo(s, r, false);
	return 0;
}
