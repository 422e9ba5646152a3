#include "http/origin.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/loopback.h"
#include "base/url.h"

#define HOST_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-._:"
#define PATH_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-._~/"

static int
check_origin(const struct v2m_url *url, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	bool tls = strcmp(url->scheme, "https") == 0;

	if (!tls && strcmp(url->scheme, "http") != 0)
		return v2m_err_set(err, V2M_CONFIG, "url: it has to be "
		    "https://HOST or http://HOST");
	if (url->host[0] == '\0' ||
	    url->host[strspn(url->host, HOST_CHARS)] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "url: no host name in it "
		    "(use %s://HOST)", url->scheme);
	if (url->user[0] != '\0' || url->password[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "url: a user or password "
		    "may not be part of it: use v2m-login, or ~/.netrc");
	if (url->query[0] != '\0' ||
	    url->path[strspn(url->path, PATH_CHARS)] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "url: nothing but a path "
		    "may follow the host");
	if (!tls && !v2m_loopback(url->host) &&
	    strcmp(v2m_conf_text(conf, "url_tls"), "on") == 0)
		return v2m_err_set(err, V2M_CONFIG, "url: plain http would "
		    "send the password and the token unencrypted: use "
		    "https://%s (url_tls = off allows it)",
		    url->host);
	return 0;
}

static void
fill_origin(struct v2m_origin *o, const struct v2m_url *url)
{
	bool v6 = strchr(url->host, ':') != NULL;
	size_t n = strlen(url->path);
	int at;

	o->tls = strcmp(url->scheme, "https") == 0;
	o->loopback = v2m_loopback(url->host);
	snprintf(o->host, sizeof o->host, "%s", url->host);
	at = snprintf(o->base, sizeof o->base, "%s://%s%s%s", url->scheme,
	    v6 ? "[" : "", url->host, v6 ? "]" : "");
	if (url->port != 0 && url->port != (o->tls ? 443 : 80))
		snprintf(o->base + at, sizeof o->base - (size_t)at, ":%d",
		    url->port);
	while (n > 0 && url->path[n - 1] == '/')
		n--;
	if (n > 0)
		snprintf(o->path, sizeof o->path, "/%.*s", (int)n, url->path);
}

int
v2m_origin_of_conf(struct v2m_origin *o, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct v2m_url url;
	size_t i;
	int ret;

	memset(o, 0, sizeof *o);
	if (v2m_url_parse(&url, "url", v2m_conf_text(conf, "url"), err) < 0)
		return v2m_err_set(err, V2M_CONFIG, "url: not a URL of a "
		    "gateway: write https://HOST or http://localhost:PORT");
	for (i = 0; url.host[i] != '\0'; i++)
		url.host[i] = (char)tolower((unsigned char)url.host[i]);
	ret = check_origin(&url, conf, err);
	if (ret == 0 && strlen(url.path) + 2 > sizeof o->path)
		ret = v2m_err_set(err, V2M_CONFIG, "url: it is too long");
	if (ret == 0)
		fill_origin(o, &url);
	v2m_url_wipe(&url);
	return ret;
}

bool
v2m_origin_location(const struct v2m_origin *o, const char *location,
    char *path, size_t size)
{
	size_t n = strlen(o->base);
	const char *s = location, *p;

	if (strncasecmp(s, o->base, n) == 0)
		s += n;
	if (s[0] != '/' || s[1] == '/' || strlen(s) >= size)
		return false;
	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f ||
		    *p == '#' || *p == '\\')
			return false;
	snprintf(path, size, "%s", s);
	return true;
}
