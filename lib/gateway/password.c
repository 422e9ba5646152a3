/* POST /password: changes a password.  The Authorization has the old one, the
 * body the new one, as a line of text. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/legacy.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"

#define LONGEST (V2M_PASSWORD_SIZE + 1)		/* with the line's end */

struct body {
	char text[LONGEST + 1];
	size_t n;
};

/* Refuse the body of a form: with curl -d, the new password would become
 * "password=...". */
static bool
is_text(const struct v2m_rq *rq)
{
	const char *type = v2m_rq_header(rq, "Content-Type");

	return type == NULL || strncasecmp(type, "text/plain", 10) == 0;
}

void
v2m_password_begin(struct v2m_rq *rq)
{
	struct body *b;

	if (!is_text(rq)) {
		v2m_fail_text(rq, 415, V2M_USAGE, "the new password is the "
		    "body, as text/plain");
		return;
	}
	b = calloc(1, sizeof *b);
	if (b == NULL)
		v2m_fail_text(rq, 503, V2M_TEMP, "try again");
	v2m_rq_set_state(rq, b);
}

void
v2m_password_body(struct v2m_rq *rq, const void *buf, size_t n)
{
	struct body *b = v2m_rq_state(rq);

	if (n > LONGEST - b->n) {
		v2m_fail_text(rq, 413, V2M_USAGE, "the password is longer "
		    "than %d bytes", V2M_PASSWORD_SIZE - 1);
		return;
	}
	memcpy(b->text + b->n, buf, n);
	b->n += n;
}

/* Remove the end of the line.  false: there is more than one line. */
static bool
is_line(struct body *b)
{
	size_t n = strcspn(b->text, "\r\n");

	if (n != b->n && strcmp(b->text + n, "\n") != 0 &&
	    strcmp(b->text + n, "\r\n") != 0)
		return false;
	b->text[n] = '\0';
	return true;
}

void
v2m_password_end(struct v2m_rq *rq)
{
	struct body *b = v2m_rq_state(rq);
	struct v2m_err err;

	if (!is_line(b))
		v2m_fail_text(rq, 400, V2M_USAGE, "a password is one line");
	else if (v2m_legacy_acceptable(v2m_rq_conf(rq), b->text, &err) < 0)
		v2m_fail(rq, &err);
	else
		v2m_login(rq, b->text);
}

void
v2m_password_release(struct v2m_rq *rq)
{
	struct body *b = v2m_rq_state(rq);

	if (b == NULL)
		return;
	explicit_bzero(b, sizeof *b);
	free(b);
}
