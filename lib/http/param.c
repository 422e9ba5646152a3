#include "http/param.h"

#include <string.h>

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

bool
v2m_param_is_token(char c)
{
	return is_alnum(c) ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

size_t
v2m_param_head(const char *header)
{
	size_t n = strcspn(header, ";");

	while (n > 0 && (header[n - 1] == ' ' || header[n - 1] == '\t'))
		n--;
	return n;
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Read a name and the '=' after it. */
static const char *
read_name(const char *s, char name[V2M_PARAM_NAME])
{
	size_t n = 0;

	while (v2m_param_is_token(*s)) {
		if (n + 1 == V2M_PARAM_NAME)
			return NULL;
		name[n++] = small(*s++);
	}
	name[n] = '\0';
	return n > 0 && *s == '=' ? s + 1 : NULL;
}

/* In quotes, a backslash escapes only a quote or a backslash: programs that do
 * not escape at all write C:\folder. */
static const char *
read_quoted(const char *s, char *buf, size_t size, size_t *n)
{
	while (*s != '"') {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (*s == '\0' || *n + 1 >= size)
			return NULL;
		buf[(*n)++] = *s++;
	}
	return s + 1;
}

int
v2m_param_next(const char **at, struct v2m_param *p, char *buf, size_t size)
{
	const char *s = skip_blanks(*at);
	size_t n = 0;

	if (size == 0)
		return -1;
	while (*s == ';')
		s = skip_blanks(s + 1);
	if (*s == '\0')
		return 0;
	s = read_name(s, p->name);
	if (s == NULL)
		return -1;
	if (*s == '"') {
		s = read_quoted(s + 1, buf, size, &n);
	} else {
		/* Any characters: old programs forget the quotes. */
		while (*s != '\0' && strchr("; \t\"", *s) == NULL &&
		    n + 1 < size)
			buf[n++] = *s++;
	}
	if (s == NULL)
		return -1;
	s = skip_blanks(s);
	if (*s != ';' && *s != '\0')
		return -1;
	buf[n] = '\0';
	p->value = buf;
	p->length = n;
	*at = s;
	return 1;
}
