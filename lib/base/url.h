/* url.h - URLs of servers: scheme://user:password@host:port/path?query
 *
 * RFC 3986's generic form, percent-encoding decoded in user, password, path
 * and query values.  A host in brackets is an IPv6 address.  Pure and
 * thread-safe.
 */
#ifndef V2M_BASE_URL_H
#define V2M_BASE_URL_H

#include "base/conf.h"
#include "base/err.h"
#include "base/hosts.h"

struct v2m_url {
	char scheme[16];
	char user[256], password[1024];	/* "" none; wipe after use */
	char host[256];			/* "" none; of a list the first */
	int port;			/* 0: none given */
	char path[1024];		/* decoded, without the first '/' */
	bool has_path;			/* a '/' stood behind the host */
	char query[1024];		/* not decoded, without '?'; "" none */
};

/* Parse a URL.  V2M_CONFIG: it is not of this form; the message names the
 * setting key, and never contains the password. */
int v2m_url_parse(struct v2m_url *url, const char *key, const char *text,
    struct v2m_err *err);

/* The same for a URL that may have a list of hosts: "a,b:5673,[::1]". */
int v2m_url_parse_hosts(struct v2m_url *url, struct v2m_hosts *hosts,
    const char *key, const char *text, struct v2m_err *err);

/* The decoded value of a name in the query.  false: it is not there, or does
 * not fit. */
bool v2m_url_query(const struct v2m_url *url, const char *name, char *dst,
    size_t size);

/* Parse the URL of the setting `key`; if it has no password, read that from the
 * file of KEY_password_file, if it is set. */
int v2m_url_of_conf(struct v2m_url *url, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err);
int v2m_url_hosts_of_conf(struct v2m_url *url, struct v2m_hosts *hosts,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err);

/* Overwrite the password. */
void v2m_url_wipe(struct v2m_url *url);

#endif
