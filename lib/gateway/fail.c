#include "gateway/fail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "gateway/place.h"

#define RETRY_S 5	/* a service that is away may be back then */
#define RETRY_JOBS_S 60	/* one of a user's jobs may be over then */

void
v2m_fail_retry_after(struct v2m_rq *rq, int64_t seconds)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, seconds < 1 ? 1 : seconds);
	v2m_rq_reply_header(rq, "Retry-After", text);
}

static int
status_of(enum v2m_code code)
{
	switch (code) {
	case V2M_USAGE:
	case V2M_PROTOCOL:
		return 400;
	case V2M_DENIED:
		return 403;
	case V2M_NOINPUT:
		return 404;
	case V2M_FAILED:
		return 410;
	case V2M_DATA:
		return 422;
	case V2M_TEMP:
	case V2M_UNAVAILABLE:
		return 503;
	default:
		return 500;
	}
}

/* Log the whole error, and tell the client what to do. */
void
v2m_fail_say(struct v2m_rq *rq, int status, const struct v2m_err *err,
    struct v2m_err *said)
{
	/* The service may not read a file, or is not set up well: that is not
	 * the client's fault. */
	enum v2m_code code = v2m_err_is_access(err) ||
	    err->code == V2M_CONFIG ? V2M_UNAVAILABLE : err->code;

	v2m_event_always(NULL, "failed", "id=%s code=%s reason=\"%s\"",
	    v2m_rq_id(rq), v2m_code_word(err->code), err->msg);
	if (status == 503)
		v2m_err_set(said, code, "a service does not answer: try "
		    "again");
	else
		v2m_err_set(said, code, "an error of the service: its log has "
		    "more under %s", v2m_rq_id(rq));
}

static void
fail_inside(struct v2m_rq *rq, int status, const struct v2m_err *err)
{
	struct v2m_err said;

	v2m_fail_say(rq, status, err, &said);
	v2m_rq_reply_error(rq, status, &said);
}

/* The folder and the figures are only for the log. */
static void
fail_full(struct v2m_rq *rq, const struct v2m_err *err)
{
	struct v2m_err said;

	v2m_event_always(NULL, "full", "id=%s reason=\"%s\"", v2m_rq_id(rq),
	    err->msg);
	v2m_err_set(&said, err->code, "the service has no room for it now: "
	    "try again later");
	v2m_fail_retry_after(rq, RETRY_JOBS_S);
	v2m_rq_reply_error(rq, 507, &said);
}

void
v2m_fail(struct v2m_rq *rq, const struct v2m_err *err)
{
	int status = v2m_err_is_access(err) ? 500 : status_of(err->code);

	if (status == 503 && err->sys == ENOSPC) {
		fail_full(rq, err);
		return;
	}
	if (status == 503)
		v2m_fail_retry_after(rq, RETRY_S);
	if (status >= 500)
		fail_inside(rq, status, err);
	else
		v2m_rq_reply_error(rq, status, err);
}

void
v2m_fail_upload(struct v2m_rq *rq, enum v2m_upload_refusal why,
    const struct v2m_err *err)
{
	if (v2m_err_is_access(err))
		why = V2M_UPLOAD_OTHER;
	/* Another request resumed or removed it. */
	else if (why == V2M_UPLOAD_OTHER && err->code == V2M_DENIED)
		why = V2M_UPLOAD_TAKEN;
	switch (why) {
	case V2M_UPLOAD_LENGTH:
	case V2M_UPLOAD_BYTES:
		v2m_rq_reply_error(rq, 413, err);
		return;
	case V2M_UPLOAD_JOBS:
		v2m_fail_retry_after(rq, RETRY_JOBS_S);
		v2m_rq_reply_error(rq, 429, err);
		return;
	case V2M_UPLOAD_ROOM:
		fail_full(rq, err);
		return;
	case V2M_UPLOAD_TAKEN:
		v2m_rq_reply_error(rq, 409, err);
		return;
	case V2M_UPLOAD_EXPIRED:
		v2m_rq_reply_error(rq, 410, err);
		return;
	default:
		v2m_fail(rq, err);
	}
}

void
v2m_fail_maybe(struct v2m_rq *rq, const char *id, const struct v2m_err *err)
{
	v2m_event_always(id, "maybe", "id=%s reason=\"%s\"", v2m_rq_id(rq),
	    err->msg);
	v2m_place_of_job(rq, id);
	v2m_rq_reply_header(rq, "V2M-State", "maybe");
	v2m_fail_retry_after(rq, RETRY_S);
	v2m_fail_text(rq, 503, V2M_TEMP, "it may have been accepted as %s: "
	    "ask for its state before you send it again", id);
}

void
v2m_fail_text(struct v2m_rq *rq, int status, enum v2m_code code,
    const char *fmt, ...)
{
	struct v2m_err err = { .code = code };
	char text[sizeof err.msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	v2m_err_set(&err, code, "%s", text);
	v2m_rq_reply_error(rq, status, &err);
}

const char *
v2m_fail_or_id(struct v2m_rq *rq, const char *key)
{
	const char *id = v2m_rq_query(rq, key);

	if (id == NULL || id[0] == '\0')
		v2m_fail_text(rq, 400, V2M_USAGE, "%s is required", key);
	else if (!v2m_id_valid(id))
		v2m_fail_text(rq, 404, V2M_NOINPUT, "no such ID");
	else
		return id;
	return NULL;
}
