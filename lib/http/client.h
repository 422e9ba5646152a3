/* client.h - asking one HTTP server, the gateway that `url` names.
 *
 * What is asked of it goes there and nowhere else: certificates are always
 * checked, plain http is used to this machine only unless url_tls = off, a
 * redirect is followed within the server and refused elsewhere, so that no
 * password and no token ever reaches another.  Nothing that comes back is
 * believed: answers have bounds, and every wait ends.
 *
 * Connections stay open between requests.  HTTP itself is spoken by libcurl,
 * in the module http-client.  For one thread; ignore SIGPIPE or let libcurl do
 * so.  A signal (base/stop.h) ends a request within a second: V2M_TEMP,
 * "interrupted".
 */
#ifndef V2M_HTTP_CLIENT_H
#define V2M_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"
#include "http/answer.h"

struct v2m_http;

/* Nothing is sent yet.  conf is borrowed until the close.  NULL: V2M_CONFIG. */
struct v2m_http *v2m_http_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_http_close(struct v2m_http *h);	/* NULL is fine */

/* The name of the server's host, for ~/.netrc; valid as long as h. */
const char *v2m_http_host(const struct v2m_http *h);

struct v2m_http_request {
	const char *method;
	const char *path;	/* below url, encoded: "/status?fid=..." */
	const char *const *headers;	/* "Name: value", NULL-ended; or NULL */
	const char *token;		/* Bearer; or NULL */
	const char *user, *password;	/* Basic; or NULL */
	/* The body, length bytes by something like pread(2); 0 and NULL: none.
	 * Fewer than announced is an error: return -1 with err filled. */
	int64_t length;
	ssize_t (*read)(void *arg, void *buf, size_t n, int64_t at,
	    struct v2m_err *err);
	/* Takes the body of a 2xx answer whose headers are in *a; -1 with err
	 * filled ends it.  NULL: the body is collected in the answer, as that
	 * of any other status is. */
	int (*write)(void *arg, const struct v2m_http_answer *a,
	    const void *buf, size_t n, struct v2m_err *err);
	void *arg;
	bool farewell;		/* asked even after a signal, for 3 s */
};

/* Ask once.  0: there is a whole answer, whatever its status (caller releases
 * it); a->fate is V2M_HTTP_ANSWERED.  -1: there is none, err says why, a->fate
 * whether trying again makes sense; nothing is to be released. */
int v2m_http_try(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err);

/* After a try that failed, or an answer that was refused for now (err says
 * which way, and stays): wait as long as is right before the next.  0: try
 * again.  -1: enough, or it makes no sense, or a signal.  The patience,
 * url_timeout, begins anew with v2m_http_calm(). */
int v2m_http_wait(struct v2m_http *h, const struct v2m_http_answer *a,
    struct v2m_err *err);

/* There was progress: the next trouble is a new one. */
void v2m_http_calm(struct v2m_http *h);

/* The trouble at hand may last so much longer: something is known to be under
 * way. */
void v2m_http_extend(struct v2m_http *h, int64_t ms);

/* Ask until there is an answer other than "later" or patience ends, which is
 * that of the trouble at hand where there is one: for what may be asked
 * twice.  0 with an answer of any other status, to be released;
 * -1. */
int v2m_http_ask(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err);

#endif
