#include "http/multipart_head.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "http/param.h"

/* In place.  In a quoted name, browsers escape a quote and line ends, but not
 * '%'.  So %22 is a quote, and everything else stands for itself. */
static void
decode_quotes(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (strncmp(s, "%22", 3) == 0) {
			*to++ = '"';
			s += 3;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* In place: UTF-8'language'text (RFC 8187). */
static int
decode_extended(char *s)
{
	char *from = strchr(s, '\''), *to = s;
	size_t taken;
	char c;

	if (from == NULL || strncasecmp(s, "UTF-8'", 6) != 0)
		return -1;
	from = strchr(from + 1, '\'');
	if (from == NULL)
		return -1;
	for (from++; *from != '\0'; from += taken) {
		taken = v2m_hex_escape(from, strlen(from), &c);
		if (taken == 0 || c == '\0')
			return -1;
		*to++ = c;
	}
	*to = '\0';
	return 0;
}

static int
disposition(const char *value, struct v2m_multipart_part *part)
{
	bool named = false, extended = false;
	char buf[V2M_MULTIPART_HEAD];
	struct v2m_param p;
	const char *at;
	int got;

	if (v2m_param_head(value) != strlen("form-data") ||
	    strncasecmp(value, "form-data", strlen("form-data")) != 0)
		return -1;
	at = value + v2m_param_head(value);
	while ((got = v2m_param_next(&at, &p, buf, sizeof buf)) == 1) {
		if (strcmp(p.name, "name") == 0) {
			decode_quotes(buf);
			v2m_text_copy(part->name, sizeof part->name, buf);
			named = true;
		} else if (strcmp(p.name, "filename") == 0) {
			part->is_file = true;
			if (extended)
				continue;
			decode_quotes(buf);
			v2m_text_copy(part->filename, sizeof part->filename,
			    buf);
		} else if (strcmp(p.name, "filename*") == 0) {
			if (decode_extended(buf) < 0)
				return -1;
			part->is_file = extended = true;
			v2m_text_copy(part->filename, sizeof part->filename,
			    buf);
		}
	}
	return got == 0 && named ? 0 : -1;
}

/* Other encodings (base64) are refused: they would not be decoded. */
static bool
is_plain_encoding(const char *encoding)
{
	return strcasecmp(encoding, "binary") == 0 ||
	    strcasecmp(encoding, "8bit") == 0 ||
	    strcasecmp(encoding, "7bit") == 0;
}

static int
line(char *s, bool *disposed, struct v2m_multipart_part *part)
{
	char *value = strchr(s, ':'), *c;
	size_t n;

	for (c = s; *c != '\0'; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return -1;
	if (value == NULL || value == s)
		return -1;
	for (c = s; c < value; c++)
		if (!v2m_param_is_token(*c))
			return -1;
	*value++ = '\0';
	value += strspn(value, " \t");
	n = strlen(value);
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		value[--n] = '\0';
	if (strcasecmp(s, "Content-Transfer-Encoding") == 0)
		return is_plain_encoding(value) ? 0 : -1;
	if (strcasecmp(s, "Content-Disposition") != 0)
		return 0;
	if (*disposed)
		return -1;
	*disposed = true;
	return disposition(value, part);
}

int
v2m_multipart_head(char *head, struct v2m_multipart_part *part)
{
	bool disposed = false;
	char *end;

	memset(part, 0, sizeof *part);
	while ((end = strstr(head, "\r\n")) != head) {
		if (end == NULL)
			return -1;
		*end = '\0';
		if (line(head, &disposed, part) < 0)
			return -1;
		head = end + 2;
	}
	return disposed ? 0 : -1;
}
