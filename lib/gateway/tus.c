#include "gateway/tus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/permission.h"
#include "flow/remove.h"
#include "gateway/fail.h"
#include "gateway/finishing.h"
#include "gateway/identity.h"
#include "http/date.h"

#define LOCKED_S 2	/* Retry-After while another request finishes it */
#define EXTENSIONS "creation,creation-with-upload,creation-defer-length," \
	"termination,expiration,checksum"

static void
add_number(struct v2m_rq *rq, const char *name, int64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, n);
	v2m_rq_reply_header(rq, name, text);
}

/* Every answer names the version of the protocol; if the client wants another
 * one, it lists those that we have. */
bool
v2m_tus_enter(struct v2m_rq *rq, struct v2m_claims *identity)
{
	const char *version = v2m_rq_header(rq, "Tus-Resumable");

	v2m_rq_reply_header(rq, "Tus-Resumable", V2M_TUS_VERSION);
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	if (version == NULL || strcmp(version, V2M_TUS_VERSION) != 0) {
		v2m_rq_reply_header(rq, "Tus-Version", V2M_TUS_VERSION);
		v2m_fail_text(rq, 412, V2M_USAGE, "Tus-Resumable: "
		    V2M_TUS_VERSION " is required");
		return false;
	}
	return v2m_identity(rq, identity);
}

struct v2m_tus *
v2m_tus_begin(struct v2m_rq *rq)
{
	struct v2m_tus *t = calloc(1, sizeof *t);

	v2m_rq_set_state(rq, t);
	if (t == NULL)
		v2m_fail_text(rq, 503, V2M_TEMP, "out of memory");
	else
		t->saved_at = v2m_mono_ms();
	return t;
}

const char *
v2m_tus_id(struct v2m_rq *rq)
{
	const char *id = v2m_rq_path(rq) + sizeof V2M_TUS_PATH - 1;

	if (v2m_id_valid(id)) {
		v2m_rq_note(rq, "job", id);
		return id;
	}
	v2m_fail_text(rq, 404, V2M_NOINPUT, "no such upload");
	return NULL;
}

bool
v2m_tus_overrides(const struct v2m_rq *rq, const char *method)
{
	const char *other = v2m_rq_header(rq, "X-HTTP-Method-Override");

	return other != NULL && strcmp(other, method) == 0;
}

static void
add_date(struct v2m_rq *rq, const char *name, int64_t wall_ms)
{
	char text[V2M_HTTP_DATE_SIZE];

	v2m_http_date(text, (time_t)(wall_ms / 1000));
	v2m_rq_reply_header(rq, name, text);
}

void
v2m_tus_reply_offset(struct v2m_rq *rq, int64_t offset, int64_t until_ms)
{
	add_number(rq, "Upload-Offset", offset);
	if (until_ms > 0)
		add_date(rq, "Upload-Expires", until_ms);
}

void
v2m_tus_reply_locked(struct v2m_rq *rq)
{
	v2m_fail_retry_after(rq, LOCKED_S);
	v2m_fail_text(rq, 423, V2M_TEMP, "the upload is being finished");
}

bool
v2m_tus_finish(struct v2m_rq *rq, struct v2m_upload_stream *r)
{
	struct v2m_err err;
	bool existed;
	int ret = v2m_finishing_run(rq, r, &existed, &err);

	if (ret == 0)
		v2m_rq_reply_header(rq, "V2M-Id",
		    v2m_upload_stream_record(r)->id);
	else if (ret > 0)
		v2m_tus_reply_locked(rq);
	else if (v2m_upload_stream_refusal(r) == V2M_UPLOAD_MAYBE)
		v2m_fail_maybe(rq, v2m_upload_stream_record(r)->id, &err);
	else
		v2m_fail_upload(rq, v2m_upload_stream_refusal(r), &err);
	return ret == 0;
}

/* --- OPTIONS --- */

/* The capabilities of the server. */
void
v2m_tus_options(struct v2m_rq *rq)
{
	int64_t most = v2m_conf_number(v2m_rq_conf(rq), "max_upload");

	v2m_rq_reply_header(rq, "Allow", "OPTIONS, POST, HEAD, PATCH, DELETE");
	v2m_rq_reply_header(rq, "Tus-Resumable", V2M_TUS_VERSION);
	v2m_rq_reply_header(rq, "Tus-Version", V2M_TUS_VERSION);
	v2m_rq_reply_header(rq, "Tus-Extension", EXTENSIONS);
	v2m_rq_reply_header(rq, "Tus-Checksum-Algorithm",
	    V2M_TUS_ALGORITHMS);
	if (most > 0)
		add_number(rq, "Tus-Max-Size", most);
	v2m_rq_reply_text(rq, 204, "");
}

/* The request of HEAD and DELETE, and what was found. */
struct request {
	struct v2m_claims identity;
	const char *id;
	struct v2m_upload_stream_state state;
	struct v2m_upload_stream *stream;	/* complete: finish it */
	bool is_finished;	/* by another request, just now */
	bool is_elsewhere;	/* another gateway finishes it */
	enum v2m_upload_refusal why;
	struct v2m_rq *rq;
};

/* --- HEAD --- */

/* If HEAD says that all bytes have come, a client does nothing more; so before
 * that answer the upload must be a job.  If a connection was cut in between, it
 * is finished now. */
static int
inspect_upload(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;
	struct v2m_record record;
	int elsewhere;

	if (v2m_permitted_job(s->store, &q->identity, q->id, &record,
	    err) < 0 || v2m_upload_stream_inspect(s, &record, &q->state,
	    &q->why, err) < 0)
		return -1;
	q->is_finished = v2m_finishing_has(q->rq, q->id);
	if (q->is_finished || q->state.stage == V2M_UPLOAD_ACCEPTED)
		return 0;
	elsewhere = v2m_finishing_is_elsewhere(q->rq, s, q->id, err);
	q->is_elsewhere = elsewhere == 1;
	if (elsewhere != 0 || q->state.stage != V2M_UPLOAD_STORED)
		return elsewhere < 0 ? -1 : 0;
	q->stream = v2m_upload_stream_resume(s, &record, &q->why, err);
	return q->stream == NULL ? -1 : 0;
}

static void
reply_state(struct v2m_rq *rq, const struct v2m_upload_stream_state *state)
{
	v2m_tus_reply_offset(rq, state->offset,
	    state->stage == V2M_UPLOAD_COMING ? state->until : 0);
	if (state->length >= 0)
		add_number(rq, "Upload-Length", state->length);
	else
		v2m_rq_reply_header(rq, "Upload-Defer-Length", "1");
	if (state->text[0] != '\0')
		v2m_rq_reply_header(rq, "Upload-Metadata", state->text);
	v2m_rq_reply_text(rq, 200, "");
}

void
v2m_tus_head(struct v2m_rq *rq)
{
	struct request q = { .why = V2M_UPLOAD_OTHER, .rq = rq };
	struct v2m_err err;
	int ret;

	if (!v2m_tus_enter(rq, &q.identity) || (q.id = v2m_tus_id(rq)) == NULL)
		return;
	do
		ret = v2m_pool_use(v2m_rq_pool(rq), inspect_upload, &q, &err);
	while (ret == 0 && q.is_finished && v2m_finishing_wait(rq, q.id));
	if (ret < 0)
		v2m_fail_upload(rq, q.why, &err);
	else if (q.is_finished || q.is_elsewhere)
		v2m_tus_reply_locked(rq);
	else if (q.stream == NULL || v2m_tus_finish(rq, q.stream))
		reply_state(rq, &q.state);
	v2m_upload_stream_free(q.stream);
}

/* --- DELETE --- */

/* Remove the upload, or the job that it has become. */
static int
terminate(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;
	struct v2m_upload_stream *r;
	struct v2m_record record;
	int ret;

	if (v2m_permitted_job(s->store, &q->identity, q->id, &record, err) < 0)
		return -1;
	if (record.state != V2M_JOB_NEW)
		return v2m_remove(s, &q->identity, q->id, err);
	r = v2m_upload_stream_resume(s, &record, &q->why, err);
	if (r == NULL)
		return -1;
	ret = v2m_upload_stream_abort(r, s, err);
	v2m_upload_stream_free(r);
	return ret;
}

void
v2m_tus_delete(struct v2m_rq *rq)
{
	struct request q = { .why = V2M_UPLOAD_OTHER };
	struct v2m_err err;

	if (!v2m_tus_enter(rq, &q.identity) || (q.id = v2m_tus_id(rq)) == NULL)
		return;
	if (v2m_pool_use(v2m_rq_pool(rq), terminate, &q, &err) < 0)
		v2m_fail_upload(rq, q.why, &err);
	else
		v2m_rq_reply_text(rq, 204, "");
}
