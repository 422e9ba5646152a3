/* POST /upload and PUT /upload/NAME: stores a video while it arrives.
 *
 * All checks that need no bytes come first: user, length, type, disk space and
 * quota.  Then each piece goes to flow/upload_stream.h, with a connection to
 * the store for that piece only. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "flow/upload_stream.h"
#include "gateway/fail.h"
#include "gateway/finishing.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "gateway/place.h"
#include "gateway/stream.h"
#include "http/multipart.h"

/* How many bytes a form may have besides its file. */
#define FORM_EXTRA (256 * 1024)

struct upload {
	struct v2m_rq *rq;
	struct v2m_upload_stream *stream;
	struct v2m_settings settings;
	bool form;
	struct v2m_multipart multipart;
	int files;
	bool in_field;			/* in a part that is not a file */
	bool in_options;		/* in the field `options` */
	bool has_options;
	size_t noptions, nignored;
	char options[V2M_SETTINGS_TEXT];
	bool finished;			/* it is a job */
	bool answered;			/* by a function the parser called */
};

static const char one_file[] = "exactly 1 file required";

/* --- before the bytes --- */

static bool
is_set(struct v2m_rq *rq, const char *key)
{
	return v2m_rq_query(rq, key) != NULL;
}

/* Only the value 1 is accepted.  false: answered. */
static bool
is_one(struct v2m_rq *rq, const char *key)
{
	const char *value = v2m_rq_query(rq, key);

	if (value == NULL || strcmp(value, "1") == 0)
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "%s has to be 1 or left out", key);
	return false;
}

static void
reserve(struct upload *u, const struct v2m_claims *identity, const char *name,
    int64_t length, int64_t most)
{
	struct v2m_upload_stream_request ask = { .owner = identity->username,
	    .unlimited = identity->admin, .name = name,
	    .settings = u->settings, .length = length, .most = most,
	    .hold = is_set(u->rq, "hold"),
	    .skip_existing = is_set(u->rq, "skip_existing") };

	u->stream = v2m_stream_begin(u->rq, &ask);
}

static bool
too_large(struct v2m_rq *rq, int64_t length, int64_t extra)
{
	int64_t limit = v2m_conf_limit(v2m_rq_conf(rq), "max_upload");
	char text[32];

	if (length <= limit || length - limit <= extra)
		return false;
	v2m_fail_text(rq, 413, V2M_DATA, "larger than max_upload (%s)",
	    v2m_text_size(text, limit));
	return true;
}

/* Refuse an encoded body, and a part of a file: they would be stored as if they
 * were the file.  false: answered. */
static bool
is_plain(struct v2m_rq *rq)
{
	const char *encoding = v2m_rq_header(rq, "Content-Encoding");

	if (encoding != NULL && strcasecmp(encoding, "identity") != 0)
		v2m_fail_text(rq, 415, V2M_USAGE, "Content-Encoding is not "
		    "supported");
	else if (v2m_rq_header(rq, "Content-Range") != NULL)
		v2m_fail_text(rq, 400, V2M_USAGE, "a part of a video is not "
		    "enough: use a tus client at /files/");
	else
		return true;
	return false;
}

/* NULL: answered. */
static struct upload *
begin_upload(struct v2m_rq *rq, struct v2m_claims *identity)
{
	const char *options = v2m_rq_query(rq, "options");
	struct upload *u;
	struct v2m_err err;

	if (!v2m_identity(rq, identity) || !is_plain(rq) ||
	    !is_one(rq, "hold") || !is_one(rq, "skip_existing"))
		return NULL;
	u = calloc(1, sizeof *u);
	if (u == NULL) {
		v2m_err_sys(&err, V2M_TEMP, "cannot take an upload");
		v2m_fail(rq, &err);
		return NULL;
	}
	v2m_rq_set_state(rq, u);
	u->rq = rq;
	if (v2m_settings_parse(&u->settings, options, &err) == 0)
		return u;
	v2m_fail_text(rq, 400, V2M_USAGE, "options: %s", err.msg);
	return NULL;
}

/* --- called by the parser of forms --- */

static int
begin_part(void *arg, const struct v2m_multipart_part *part,
    struct v2m_err *err)
{
	struct upload *u = arg;

	u->in_field = !part->is_file;
	u->in_options = u->in_field && strcmp(part->name, "options") == 0;
	if (u->in_options && u->has_options)
		return v2m_err_set(err, V2M_PROTOCOL, "options: given twice");
	u->has_options |= u->in_options;
	if (u->in_field)
		return 0;
	if (++u->files > 1)
		return v2m_err_set(err, V2M_PROTOCOL, "%s", one_file);
	v2m_upload_stream_set_name(u->stream, part->filename);
	return 0;
}

/* A form must have one file, as for existing services.  Other fields are
 * ignored if they are small. */
static int
ignore(struct upload *u, size_t n, struct v2m_err *err)
{
	u->nignored += n;
	return u->nignored <= FORM_EXTRA ? 0 : v2m_err_set(err, V2M_PROTOCOL,
	    "more than %d kB of fields beside the file", FORM_EXTRA / 1000);
}

static int
take_option(struct upload *u, const void *buf, size_t n, struct v2m_err *err)
{
	if (u->noptions + n >= sizeof u->options)
		return v2m_err_set(err, V2M_PROTOCOL, "options: too long");
	memcpy(u->options + u->noptions, buf, n);
	u->noptions += n;
	return 0;
}

static int
store_bytes(struct upload *u, const void *buf, size_t n, struct v2m_err *err)
{
	if (v2m_stream_write(u->rq, u->stream, buf, n, err) == 0)
		return 0;
	v2m_fail_upload(u->rq, v2m_upload_stream_refusal(u->stream), err);
	u->answered = true;
	return -1;
}

static int
take_data(void *arg, const void *buf, size_t n, struct v2m_err *err)
{
	struct upload *u = arg;

	if (u->in_options)
		return take_option(u, buf, n, err);
	return u->in_field ? ignore(u, n, err) : store_bytes(u, buf, n, err);
}

static int
end_part(void *arg, struct v2m_err *err)
{
	struct upload *u = arg;

	if (!u->in_options)
		return 0;
	u->in_options = false;
	if (memchr(u->options, '\0', u->noptions) != NULL ||
	    v2m_settings_parse(&u->settings, u->options, err) < 0) {
		v2m_err_prefix(err, "options");
		err->code = V2M_PROTOCOL;
		return -1;
	}
	v2m_upload_stream_set_settings(u->stream, &u->settings);
	return 0;
}

/* --- the functions of the route --- */

void
v2m_upload_begin_form(struct v2m_rq *rq)
{
	const char *type = v2m_rq_header(rq, "Content-Type");
	int64_t length = v2m_rq_length(rq);
	struct v2m_multipart_to to = { begin_part, take_data, end_part, NULL };
	struct v2m_claims identity;
	struct upload *u = begin_upload(rq, &identity);
	struct v2m_err err;

	if (u == NULL)
		return;
	u->form = true;
	to.arg = u;
	if (length == 0 || type == NULL || !v2m_multipart_is(type))
		v2m_fail_text(rq, 400, V2M_USAGE, "%s", one_file);
	else if (v2m_multipart_begin(&u->multipart, type, &to, &err) < 0)
		v2m_fail(rq, &err);
	else if (!too_large(rq, length, FORM_EXTRA))
		reserve(u, &identity, "", -1, length < 0 ? 0 : length);
}

void
v2m_upload_begin_raw(struct v2m_rq *rq)
{
	const char *name = v2m_rq_path(rq) + strlen("/upload/");
	int64_t length = v2m_rq_length(rq);
	struct v2m_claims identity;
	struct upload *u = begin_upload(rq, &identity);

	if (u == NULL)
		return;
	if (name[0] == '\0')
		v2m_fail_text(rq, 400, V2M_USAGE, "a file name is needed "
		    "after /upload/");
	else if (!too_large(rq, length, 0))
		reserve(u, &identity, name, length, 0);
}

void
v2m_upload_body(struct v2m_rq *rq, const void *buf, size_t n)
{
	struct upload *u = v2m_rq_state(rq);
	struct v2m_err err;
	int ret = u->form ? v2m_multipart_push(&u->multipart, buf, n, &err) :
	    store_bytes(u, buf, n, &err);

	if (ret < 0 && !u->answered)
		v2m_fail(rq, &err);
}

static void
reply_job(struct upload *u, bool existed)
{
	const struct v2m_record *r = v2m_upload_stream_record(u->stream);

	v2m_place_of_job(u->rq, r->id);
	if (v2m_rq_wants_json(u->rq))
		v2m_rq_reply_json(u->rq, 200, json_pack("{s:s, s:s, s:b}",
		    "id", r->id, "name", r->name, "existed", existed));
	else
		v2m_rq_reply_text(u->rq, 200, "success!");
}

static void
finish(struct upload *u)
{
	struct v2m_err err;
	bool existed;
	int ret = v2m_finishing_run(u->rq, u->stream, &existed, &err);

	if (ret == 0) {
		u->finished = true;
		reply_job(u, existed);
		return;
	}
	if (ret > 0)
		v2m_err_busy(&err, "another request is finishing it");
	if (ret > 0 ||
	    v2m_upload_stream_refusal(u->stream) == V2M_UPLOAD_MAYBE) {
		u->finished = true;
		v2m_fail_maybe(u->rq, v2m_upload_stream_record(u->stream)->id,
		    &err);
		return;
	}
	v2m_fail_upload(u->rq, v2m_upload_stream_offset(u->stream) == 0 ?
	    V2M_UPLOAD_CONTENT : v2m_upload_stream_refusal(u->stream), &err);
}

void
v2m_upload_end(struct v2m_rq *rq)
{
	struct upload *u = v2m_rq_state(rq);
	struct v2m_err err;

	if (u->form && v2m_multipart_finish(&u->multipart, &err) < 0) {
		v2m_fail(rq, &err);
		return;
	}
	if (u->form && u->files != 1) {
		v2m_fail_text(rq, 400, V2M_USAGE, "%s", one_file);
		return;
	}
	finish(u);
}

/* Remove an upload that was not finished.  If the store is away, v2m-prune
 * finds it. */
void
v2m_upload_release(struct v2m_rq *rq)
{
	struct upload *u = v2m_rq_state(rq);
	struct v2m_err ignored;

	if (u == NULL)
		return;
	if (u->stream != NULL && !u->finished)
		v2m_stream_abort(rq, u->stream, &ignored);
	v2m_upload_stream_free(u->stream);
	free(u);
}
