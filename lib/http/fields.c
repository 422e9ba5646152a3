#include "http/fields.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "http/param.h"

static bool
is_token(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!v2m_param_is_token(s[i]))
			return false;
	return n > 0;
}

static bool
is_clean(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool
is_host(const char *s, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
	size_t i;

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	for (i = 0; i < n; i++)
		if (s[i] == '\0' || strchr(letters, s[i]) == NULL)
			return false;
	return n < 256;
}

static bool
has_name(const struct v2m_http_field *f, const char *name)
{
	return f->name_n == strlen(name) &&
	    strncasecmp(f->name, name, f->name_n) == 0;
}

size_t
v2m_fields_get(const struct v2m_http_field *fields, size_t n, const char *name,
    const struct v2m_http_field **found)
{
	size_t count = 0, i;

	for (i = 0; i < n; i++)
		if (has_name(&fields[i], name) && count++ == 0 &&
		    found != NULL)
			*found = &fields[i];
	return count;
}

/* Blanks after it are allowed by HTTP but not here: libmicrohttpd 0.9.75 would
 * not see that the body is chunked, and read it to the end of the
 * connection. */
static bool
is_chunked(const struct v2m_http_field *f)
{
	return f->value_n == 7 && strncasecmp(f->value, "chunked", 7) == 0;
}

static bool
parse_length(const struct v2m_http_field *f, int64_t *length)
{
	char text[24];
	size_t n = f->value_n;

	while (n > 0 && (f->value[n - 1] == ' ' || f->value[n - 1] == '\t'))
		n--;
	if (n >= sizeof text || strspn(f->value, "0123456789") < n)
		return false;
	memcpy(text, f->value, n);
	text[n] = '\0';
	return v2m_text_parse_int(text, 0, INT64_MAX, length);
}

static int
check_framing(const struct v2m_http_field *fields, size_t n, bool http_1_1,
    struct v2m_err *err)
{
	const struct v2m_http_field *coding = NULL, *length = NULL;
	const struct v2m_http_field *host = NULL;
	size_t hosts = v2m_fields_get(fields, n, "Host", &host);
	size_t codings = v2m_fields_get(fields, n, "Transfer-Encoding",
	    &coding);
	size_t lengths = v2m_fields_get(fields, n, "Content-Length", &length);
	int64_t bytes;

	if (hosts > 1 || codings > 1 || lengths > 1 ||
	    v2m_fields_get(fields, n, "Authorization", NULL) > 1)
		return v2m_err_set(err, V2M_USAGE, "a header field that may "
		    "appear once appears twice");
	if (codings > 0 && lengths > 0)
		return v2m_err_set(err, V2M_USAGE,
		    "both Content-Length and Transfer-Encoding");
	if (codings > 0 && (!http_1_1 || !is_chunked(coding)))
		return v2m_err_set(err, V2M_USAGE,
		    "unknown Transfer-Encoding");
	if (lengths > 0 && !parse_length(length, &bytes))
		return v2m_err_set(err, V2M_USAGE,
		    "Content-Length is not a number");
	if (hosts == 0 && http_1_1)
		return v2m_err_set(err, V2M_USAGE, "no Host header");
	if (hosts > 0 && !is_host(host->value, host->value_n))
		return v2m_err_set(err, V2M_USAGE, "invalid Host header");
	return 0;
}

int
v2m_fields_check(const struct v2m_http_field *fields, size_t n, bool http_1_1,
    struct v2m_err *err)
{
	size_t i;

	if (n > V2M_FIELDS_MAX)
		return v2m_err_set(err, V2M_USAGE, "too many fields");
	for (i = 0; i < n; i++) {
		if (!is_token(fields[i].name, fields[i].name_n))
			return v2m_err_set(err, V2M_USAGE,
			    "invalid name of a header field");
		if (!is_clean(fields[i].value, fields[i].value_n))
			return v2m_err_set(err, V2M_USAGE,
			    "control character in a header field");
	}
	return check_framing(fields, n, http_1_1, err);
}

int64_t
v2m_fields_length(const struct v2m_http_field *fields, size_t n)
{
	const struct v2m_http_field *length = NULL;
	int64_t bytes = 0;

	if (v2m_fields_get(fields, n, "Transfer-Encoding", NULL) > 0)
		return -1;
	if (v2m_fields_get(fields, n, "Content-Length", &length) > 0)
		parse_length(length, &bytes);
	return bytes;
}
