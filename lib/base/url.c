#include "base/url.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "base/text.h"

/* Decode n bytes of s to dst.  false: a bad escape, a NUL, or it does not
 * fit. */
static bool
decode(char *dst, size_t size, const char *s, size_t n)
{
	size_t at = 0, taken;
	char c;

	for (; n > 0; s += taken, n -= taken) {
		taken = v2m_hex_escape(s, n, &c);
		if (taken == 0 || c == '\0' || at + 1 >= size)
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
parse_port(struct v2m_host *host, const char *s, size_t n)
{
	char port[8];
	int64_t number;

	if (n >= sizeof port)
		return false;
	snprintf(port, sizeof port, "%.*s", (int)n, s);
	if (!v2m_text_parse_int(port, 1, 65535, &number))
		return false;
	host->port = (int)number;
	return true;
}

static bool
parse_host(struct v2m_host *host, const char *s, size_t n)
{
	const char *end = s + n, *name = s, *behind, *colon;

	if (n > 0 && s[0] == '[') {
		name = s + 1;
		behind = memchr(s, ']', n);
		if (behind == NULL)
			return false;
		colon = behind + 1;
		if (colon != end && *colon != ':')
			return false;
	} else {
		colon = memchr(s, ':', n);
		if (colon == NULL)
			colon = end;
		behind = colon;
	}
	if (!decode(host->name, sizeof host->name, name,
	    (size_t)(behind - name)))
		return false;
	return colon == end || colon + 1 == end ||
	    parse_port(host, colon + 1, (size_t)(end - colon - 1));
}

/* Parse the hosts: one, which may be "", or several, which all have names. */
static bool
parse_hosts(struct v2m_hosts *hosts, const char *s, size_t n)
{
	const char *comma = memchr(s, ',', n);
	bool is_list = comma != NULL;

	for (;;) {
		struct v2m_host *host = &hosts->at[hosts->n];
		size_t here = comma == NULL ? n : (size_t)(comma - s);

		if (hosts->n == V2M_HOSTS || !parse_host(host, s, here) ||
		    (is_list && host->name[0] == '\0'))
			return false;
		hosts->n++;
		if (comma == NULL)
			return true;
		n -= here + 1;
		s = comma + 1;
		comma = memchr(s, ',', n);
	}
}

static bool
parse_url(struct v2m_url *url, struct v2m_hosts *hosts, const char *text)
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
	if (!parse_hosts(hosts, s, (size_t)(end - s)))
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
v2m_url_parse_hosts(struct v2m_url *url, struct v2m_hosts *hosts,
    const char *key, const char *text, struct v2m_err *err)
{
	memset(url, 0, sizeof *url);
	memset(hosts, 0, sizeof *hosts);
	if (parse_url(url, hosts, text)) {
		memcpy(url->host, hosts->at[0].name, sizeof url->host);
		url->port = hosts->at[0].port;
		return 0;
	}
	v2m_url_wipe(url);
	return v2m_err_set(err, V2M_CONFIG, "%s: not of the form "
	    "scheme://user@host:port/path", key);
}

static int
check_one(struct v2m_url *url, const struct v2m_hosts *hosts, const char *key,
    struct v2m_err *err)
{
	if (hosts->n == 1)
		return 0;
	v2m_url_wipe(url);
	return v2m_err_set(err, V2M_CONFIG, "%s: one host, and no list of "
	    "them", key);
}

int
v2m_url_parse(struct v2m_url *url, const char *key, const char *text,
    struct v2m_err *err)
{
	struct v2m_hosts hosts;

	return v2m_url_parse_hosts(url, &hosts, key, text, err) < 0 ? -1 :
	    check_one(url, &hosts, key, err);
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
v2m_url_hosts_of_conf(struct v2m_url *url, struct v2m_hosts *hosts,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	char file_key[64];
	const char *file;
	char *line;
	size_t n;

	if (v2m_url_parse_hosts(url, hosts, key, v2m_conf_text(conf, key),
	    err) < 0)
		return -1;
	snprintf(file_key, sizeof file_key, "%s_password_file", key);
	file = v2m_conf_text(conf, file_key);
	if (url->password[0] != '\0' || file[0] == '\0')
		return 0;
	line = v2m_secret_line(file, err);
	if (line == NULL) {
		v2m_err_prefix(err, "%s", file_key);
		return v2m_err_configured(err);
	}
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

int
v2m_url_of_conf(struct v2m_url *url, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err)
{
	struct v2m_hosts hosts;

	return v2m_url_hosts_of_conf(url, &hosts, conf, key, err) < 0 ? -1 :
	    check_one(url, &hosts, key, err);
}

void
v2m_url_wipe(struct v2m_url *url)
{
	explicit_bzero(url->password, sizeof url->password);
}
