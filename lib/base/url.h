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
	char query[1024];		/* as it stands, without '?'; "" none */
};

/* V2M_CONFIG: not of that form; never repeats the password.  key names the
 * setting in the message. */
int v2m_url_parse(struct v2m_url *url, const char *key, const char *text,
    struct v2m_err *err);

/* The same where a list of hosts is good as well: "a,b:5673,[::1]". */
int v2m_url_parse_hosts(struct v2m_url *url, struct v2m_hosts *hosts,
    const char *key, const char *text, struct v2m_err *err);

/* The value of one name in the query, decoded, in dst; false: not there, or
 * it does not fit. */
bool v2m_url_query(const struct v2m_url *url, const char *name, char *dst,
    size_t size);

/* Parse the URL of `key` and, where it carries no password, take that from
 * the file that the setting KEY_password_file names, if any. */
int v2m_url_of_conf(struct v2m_url *url, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err);
int v2m_url_hosts_of_conf(struct v2m_url *url, struct v2m_hosts *hosts,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err);

/* Overwrite the password. */
void v2m_url_wipe(struct v2m_url *url);

#endif
