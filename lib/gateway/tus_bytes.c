/* PATCH /files/ID, and the bytes of a POST. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "flow/permission.h"
#include "gateway/fail.h"
#include "gateway/finishing.h"
#include "gateway/stream.h"
#include "gateway/tus.h"

#define SAVE_BYTES (8 << 20)	/* the most to be sent again after a crash */
#define SAVE_MS 10000
#define SUMMED_MAX (64 << 20)	/* bytes under one checksum */
#define MISMATCH 460		/* the protocol's own status */

/* Bytes with a checksum are saved when it is known to be right; without one,
 * while they come. */
static int
save_upload(struct v2m_rq *rq, struct v2m_tus *t, bool leave,
    struct v2m_err *err)
{
	int ret = v2m_stream_save(rq, t->stream, leave, err);

	t->saved_at = v2m_mono_ms();
	if (leave || ret < 0)
		t->over = true;
	return ret;
}

/* Back to where this request began. */
static int
rewind_upload(struct v2m_rq *rq, struct v2m_tus *t, struct v2m_err *err)
{
	t->over = true;
	return v2m_stream_rewind(rq, t->stream, err);
}

bool
v2m_tus_has_bytes(const struct v2m_rq *rq)
{
	static const char type[] = "application/offset+octet-stream";
	const char *is = v2m_rq_header(rq, "Content-Type");
	size_t n = sizeof type - 1;

	return is != NULL && strncasecmp(is, type, n) == 0 &&
	    (is[n] == '\0' || is[n] == ';' || is[n] == ' ');
}

bool
v2m_tus_take_sum(struct v2m_rq *rq, struct v2m_tus *t)
{
	const char *value = v2m_rq_header(rq, "Upload-Checksum");
	int read;

	if (value == NULL)
		return true;
	read = v2m_tus_sum_read(value, &t->sum);
	t->summed = read == 1;
	if (read == 0)
		v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Checksum: only "
		    V2M_TUS_ALGORITHMS " are known");
	else if (read < 0)
		v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Checksum is "
		    "malformed");
	else if (v2m_rq_length(rq) > SUMMED_MAX)
		v2m_fail_text(rq, 413, V2M_DATA, "at most 67 MB may be sent "
		    "under one checksum");
	else
		return true;
	return false;
}

/* --- PATCH begins --- */

struct plan {
	struct v2m_claims identity;
	const char *id;
	int64_t offset;
	int64_t length;		/* Upload-Length, if it comes only now; -1 */
	struct v2m_rq *rq;
	/* the result */
	struct v2m_upload_stream *stream;
	int64_t at;
	bool is_finished;	/* by another request, just now */
	bool is_elsewhere;	/* another gateway finishes it */
	enum v2m_upload_refusal why;
};

static bool
read_plan(struct v2m_rq *rq, struct plan *plan)
{
	const char *offset = v2m_rq_header(rq, "Upload-Offset");
	const char *length = v2m_rq_header(rq, "Upload-Length");

	plan->length = -1;
	if (!v2m_tus_has_bytes(rq)) {
		v2m_fail_text(rq, 415, V2M_USAGE, "Content-Type: "
		    "application/offset+octet-stream is required");
	} else if (offset == NULL ||
	    !v2m_tus_read_number(offset, &plan->offset)) {
		v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Offset is required");
	} else if (length != NULL &&
	    !v2m_tus_read_number(length, &plan->length)) {
		v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Length is "
		    "malformed");
	} else {
		return true;
	}
	return false;
}

/* The offset is checked before the upload is resumed, so that a client with a
 * wrong offset does not disturb another connection. */
static int
resume_upload(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct v2m_upload_stream_state state;
	struct plan *p = arg;
	struct v2m_record record;
	int elsewhere;

	if (v2m_permitted_job(s->store, &p->identity, p->id, &record,
	    err) < 0 || v2m_upload_stream_inspect(s, &record, &state, &p->why,
	    err) < 0)
		return -1;
	p->at = state.offset;
	p->is_finished = v2m_finishing_has(p->rq, p->id);
	if (p->is_finished)
		return 0;
	elsewhere = v2m_finishing_is_elsewhere(p->rq, s, p->id, err);
	p->is_elsewhere = elsewhere == 1;
	if (elsewhere != 0 || p->at != p->offset)
		return elsewhere < 0 ? -1 : 0;
	p->stream = v2m_upload_stream_resume(s, &record, &p->why, err);
	if (p->stream == NULL)
		return -1;
	p->at = v2m_upload_stream_offset(p->stream);
	if (p->length < 0 || v2m_upload_stream_set_length(p->stream, s,
	    p->length, err) == 0)
		return 0;
	p->why = v2m_upload_stream_refusal(p->stream);
	return -1;
}

static bool
fits(struct v2m_rq *rq, const struct v2m_tus *t)
{
	int64_t length = v2m_upload_stream_length(t->stream);

	if (length < 0 || v2m_rq_length(rq) <=
	    length - v2m_upload_stream_offset(t->stream))
		return true;
	v2m_fail_text(rq, 413, V2M_DATA, "more bytes than were announced");
	return false;
}

static void
patch(struct v2m_rq *rq, struct v2m_tus *t, struct plan *plan)
{
	struct v2m_err err;
	int ret;

	do
		ret = v2m_pool_use(v2m_rq_pool(rq), resume_upload, plan, &err);
	while (ret == 0 && plan->is_finished &&
	    v2m_finishing_wait(rq, plan->id));
	t->stream = plan->stream;
	if (ret < 0) {
		v2m_fail_upload(rq, plan->why, &err);
	} else if (plan->is_finished || plan->is_elsewhere) {
		v2m_tus_reply_locked(rq);
	} else if (plan->at != plan->offset) {
		v2m_tus_reply_offset(rq, plan->at, 0);
		v2m_fail_text(rq, 409, V2M_USAGE, "the upload is at %lld, not "
		    "at %lld", (long long)plan->at, (long long)plan->offset);
	} else {
		fits(rq, t);
	}
}

void
v2m_tus_patch_begin(struct v2m_rq *rq)
{
	struct plan plan = { .why = V2M_UPLOAD_OTHER, .rq = rq };
	struct v2m_tus *t;

	if (!v2m_tus_enter(rq, &plan.identity) ||
	    (plan.id = v2m_tus_id(rq)) == NULL || !read_plan(rq, &plan))
		return;
	t = v2m_tus_begin(rq);
	if (t != NULL && v2m_tus_take_sum(rq, t))
		patch(rq, t, &plan);
}

/* --- bytes --- */

static bool
is_time_to_save(const struct v2m_tus *t)
{
	int64_t unsaved = v2m_upload_stream_offset(t->stream) -
	    v2m_upload_stream_saved(t->stream);

	return !t->summed && (unsaved >= SAVE_BYTES || (unsaved > 0 &&
	    v2m_mono_ms() - t->saved_at >= SAVE_MS));
}

void
v2m_tus_body(struct v2m_rq *rq, const void *buf, size_t n)
{
	struct v2m_tus *t = v2m_rq_state(rq);
	enum v2m_upload_refusal why;
	struct v2m_err err = { 0 };

	t->came += (int64_t)n;
	if (t->summed && t->came > SUMMED_MAX) {
		v2m_fail_text(rq, 413, V2M_DATA, "at most 67 MB may be sent "
		    "under one checksum");
		return;
	}
	if (t->summed)
		v2m_tus_sum_update(&t->sum, buf, n);
	if (v2m_stream_write(rq, t->stream, buf, n, &err) < 0 ||
	    (is_time_to_save(t) && save_upload(rq, t, false, &err) < 0)) {
		why = v2m_upload_stream_refusal(t->stream);
		/* After these failures, what came before can be saved. */
		t->over = why != V2M_UPLOAD_LENGTH &&
		    why != V2M_UPLOAD_BYTES && why != V2M_UPLOAD_JOBS &&
		    why != V2M_UPLOAD_ROOM;
		v2m_fail_upload(rq, why, &err);
	}
}

/* --- the end --- */

static void
reply_mismatch(struct v2m_rq *rq, struct v2m_tus *t)
{
	struct v2m_err err = { 0 };

	if (rewind_upload(rq, t, &err) < 0)
		v2m_fail_upload(rq, v2m_upload_stream_refusal(t->stream),
		    &err);
	else
		v2m_fail_text(rq, MISMATCH, V2M_DATA, "the checksum is not "
		    "that of what came");
}

void
v2m_tus_end(struct v2m_rq *rq)
{
	struct v2m_tus *t = v2m_rq_state(rq);
	struct v2m_upload_stream *r = t->stream;
	struct v2m_err err = { 0 };
	int64_t until;

	if (t->summed && !v2m_tus_sum_matches(&t->sum)) {
		reply_mismatch(rq, t);
		return;
	}
	if (v2m_upload_stream_stage(r) != V2M_UPLOAD_COMING) {
		t->over = true;
		if (!v2m_tus_finish(rq, r))
			return;
	} else if (save_upload(rq, t, true, &err) < 0) {
		v2m_fail_upload(rq, v2m_upload_stream_refusal(r), &err);
		return;
	}
	until = v2m_upload_stream_stage(r) == V2M_UPLOAD_COMING ?
	    v2m_upload_stream_until(r) : 0;
	v2m_tus_reply_offset(rq, v2m_upload_stream_offset(r), until);
	/* Relative to the request, so a prefix of a proxy does not matter. */
	if (t->created)
		v2m_rq_reply_header(rq, "Location",
		    v2m_upload_stream_record(r)->id);
	v2m_rq_reply_text(rq, t->created ? 201 : 204, "");
}

/* The connection was cut or ended early: save what has come. */
void
v2m_tus_release(struct v2m_rq *rq)
{
	struct v2m_tus *t = v2m_rq_state(rq);
	struct v2m_err ignored;

	if (t == NULL)
		return;
	if (t->stream != NULL && !t->over) {
		if (t->created)		/* the client does not know its URL */
			v2m_stream_abort(rq, t->stream, &ignored);
		else if (t->summed)
			rewind_upload(rq, t, &ignored);
		else
			save_upload(rq, t, true, &ignored);
	}
	v2m_upload_stream_free(t->stream);
	free(t);
}
