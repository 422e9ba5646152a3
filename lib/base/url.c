#include "base/url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n bytes of s to dst; a bad escape, a NUL and what does not fit: false. */
static bool
decode(char *dst, size_t size, const char *s, size_t n)
{
	size_t at = 0;

	while (n > 0) {
		char c = *s++;

		n--;
		if (c == '%') {
			if (n < 2 || hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
				return false;
			c = (char)(hex_digit(s[0]) * 16 + hex_digit(s[1]));
			s += 2;
			n -= 2;
		}
		if (c == '\0' || at + 1 >= size)
			return false;
		dst[at++] = c;
	}
	dst[at] = '\0';
	return true;
}

static bool
parse_user(struct v2m_url *url, const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n);
	size_t user = colon == NULL ? n : (size_t)(colon - s);

	return decode(url->user, sizeof url->user, s, user) &&
	    (colon == NULL || decode(url->password, sizeof url->password,
	    colon + 1, n - user - 1));
}

static bool
parse_host(struct v2m_url *url, const char *s, size_t n)
{
	const char *end = s + n, *colon;
	char port[8];
	int64_t number;

	if (n > 0 && s[0] == '[') {
		const char *close = memchr(s, ']', n);

		if (close == NULL || !decode(url->host, sizeof url->host,
		    s + 1, (size_t)(close - s - 1)))
			return false;
		colon = close + 1;
		if (colon != end && *colon != ':')
			return false;
	} else {
		colon = memchr(s, ':', n);
		if (colon == NULL)
			colon = end;
		if (!decode(url->host, sizeof url->host, s,
		    (size_t)(colon - s)))
			return false;
	}
	if (colon == end || colon + 1 == end)
		return true;
	if ((size_t)(end - colon - 1) >= sizeof port)
		return false;
	snprintf(port, sizeof port, "%.*s", (int)(end - colon - 1), colon + 1);
	if (!v2m_text_parse_int(port, 1, 65535, &number))
		return false;
	url->port = (int)number;
	return true;
}

static bool
parse_url(struct v2m_url *url, const char *text)
{
	const char *s = strstr(text, "://"), *end, *at = NULL, *p;

	if (s == NULL || (size_t)(s - text) >= sizeof url->scheme)
		return false;
	memcpy(url->scheme, text, (size_t)(s - text));
	s += 3;
	end = s + strcspn(s, "/?#");
	for (p = s; p < end; p++)
		if (*p == '@')
			at = p;
	if (at != NULL && !parse_user(url, s, (size_t)(at - s)))
		return false;
	if (at != NULL)
		s = at + 1;
	if (!parse_host(url, s, (size_t)(end - s)))
		return false;
	s = end;
	if (*s == '/') {
		end = s + strcspn(s, "?#");
		url->has_path = true;
		if (!decode(url->path, sizeof url->path, s + 1,
		    (size_t)(end - s - 1)))
			return false;
		s = end;
	}
	if (*s == '?')
		return snprintf(url->query, sizeof url->query, "%.*s",
		    (int)strcspn(s + 1, "#"), s + 1) < (int)sizeof url->query;
	return *s == '\0';
}

int
v2m_url_parse(struct v2m_url *url, const char *key, const char *text,
    struct v2m_err *err)
{
	memset(url, 0, sizeof *url);
	if (parse_url(url, text))
		return 0;
	v2m_url_wipe(url);
	return v2m_err_set(err, V2M_CONFIG, "%s: not of the form "
	    "scheme://user@host:port/path", key);
}

bool
v2m_url_query(const struct v2m_url *url, const char *name, char *dst,
    size_t size)
{
	size_t n = strlen(name);
	const char *s = url->query;

	while (*s != '\0') {
		size_t len = strcspn(s, "&");

		if (len > n && strncmp(s, name, n) == 0 && s[n] == '=')
			return decode(dst, size, s + n + 1, len - n - 1);
		s += len + (s[len] == '&');
	}
	return false;
}

int
v2m_url_of_conf(struct v2m_url *url, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err)
{
	char file_key[64];
	const char *file;
	char *line;
	size_t n;

	if (v2m_url_parse(url, key, v2m_conf_text(conf, key), err) < 0)
		return -1;
	snprintf(file_key, sizeof file_key, "%s_password_file", key);
	file = v2m_conf_text(conf, file_key);
	if (url->password[0] != '\0' || file[0] == '\0')
		return 0;
	line = v2m_secret_line(file, err);
	if (line == NULL)
		return v2m_err_prefix(err, "%s", file_key);
	n = strlen(line);
	if (n >= sizeof url->password) {
		v2m_secret_free(line);
		return v2m_err_set(err, V2M_CONFIG, "%s: the password is too "
		    "long", file_key);
	}
	memcpy(url->password, line, n + 1);
	v2m_secret_free(line);
	return 0;
}

void
v2m_url_wipe(struct v2m_url *url)
{
	explicit_bzero(url->password, sizeof url->password);
}
