#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

int
v2m_err_damage(struct v2m_err *err, const char *fmt, ...)
{
	char what[sizeof err->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	v2m_err_set(err, V2M_IO, "%s", what);
	if (err != NULL)
		err->sys = EBADMSG;
	return -1;
}

bool
v2m_err_is_damage(const struct v2m_err *err)
{
	return err->code == V2M_IO && err->sys == EBADMSG;
}

int
v2m_err_busy(struct v2m_err *err, const char *fmt, ...)
{
	char what[sizeof err->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	v2m_err_set(err, V2M_TEMP, "%s", what);
	if (err != NULL)
		err->sys = EBUSY;
	return -1;
}

bool
v2m_err_is_busy(const struct v2m_err *err)
{
	return err->code == V2M_TEMP && (err->sys == EBUSY ||
	    err->sys == ENOSPC || err->sys == EDQUOT);
}

bool
v2m_err_is_access(const struct v2m_err *err)
{
	return err->code == V2M_DENIED &&
	    (err->sys == EACCES || err->sys == EPERM);
}

int
v2m_err_set(struct v2m_err *err, enum v2m_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	err->sys = 0;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	v2m_text_clean(err->msg);
	return -1;
}

/* The code for errno, or fallback if errno does not say more. */
static enum v2m_code
code_of_errno(int sys, enum v2m_code fallback)
{
	switch (sys) {
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return V2M_TEMP;
	case EACCES:
	case EPERM:
		return V2M_DENIED;
	default:
		return fallback;
	}
}

int
v2m_err_sys(struct v2m_err *err, enum v2m_code code, const char *fmt, ...)
{
	int sys = errno;
	size_t n;
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code_of_errno(sys, code);
	err->sys = sys;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof err->msg - n, ": %s", strerror(sys));
	v2m_text_clean(err->msg);
	return -1;
}

int
v2m_err_pass(struct v2m_err *err, const struct v2m_err *why)
{
	if (err != NULL)
		*err = *why;
	return -1;
}

int
v2m_err_configured(struct v2m_err *err)
{
	if (err != NULL && (err->code == V2M_NOINPUT ||
	    v2m_err_is_access(err)))
		err->code = V2M_CONFIG;
	return -1;
}

int
v2m_err_prefix(struct v2m_err *err, const char *fmt, ...)
{
	char old[sizeof err->msg];
	size_t n;
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(old, err->msg, sizeof old);
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof err->msg - n, ": %.*s",
	    (int)sizeof old - 1, old);
	v2m_text_clean(err->msg);
	return -1;
}

bool
v2m_err_retry(enum v2m_code code)
{
	switch (code) {
	case V2M_TEMP:
	case V2M_UNAVAILABLE:
	case V2M_CANTCREATE:
	case V2M_IO:
	case V2M_CONFIG:
	case V2M_USAGE:
	case V2M_BUG:
		return true;
	default:
		return false;
	}
}

const char *
v2m_code_word(enum v2m_code code)
{
	switch (code) {
	case V2M_OK:		return "ok";
	case V2M_FAILED:	return "failed";
	case V2M_WARNED:	return "warnings";
	case V2M_USAGE:		return "usage";
	case V2M_DATA:		return "data";
	case V2M_NOINPUT:	return "not-found";
	case V2M_UNAVAILABLE:	return "unavailable";
	case V2M_BUG:		return "bug";
	case V2M_CANTCREATE:	return "cannot-create";
	case V2M_IO:		return "io";
	case V2M_TEMP:		return "temporary";
	case V2M_PROTOCOL:	return "protocol";
	case V2M_DENIED:	return "denied";
	case V2M_CONFIG:	return "configuration";
	}
	return "failed";
}

void
v2m_tally_done(struct v2m_tally *t)
{
	t->done++;
}

void
v2m_tally_warned(struct v2m_tally *t)
{
	t->done++;
	t->warned++;
}

void
v2m_tally_failed(struct v2m_tally *t, enum v2m_code code)
{
	if (t->failed++ == 0)
		t->code = code;
	else if (t->code != code)
		t->code = V2M_FAILED;
}

int
v2m_tally_status(const struct v2m_tally *t)
{
	if (t->failed > 0)
		return t->code == V2M_OK ? V2M_FAILED : (int)t->code;
	return t->warned > 0 ? V2M_WARNED : V2M_OK;
}

int
v2m_tally_status_ok(const struct v2m_tally *t, bool warnings_ok)
{
	int status = v2m_tally_status(t);

	return warnings_ok && status == V2M_WARNED ? V2M_OK : status;
}
