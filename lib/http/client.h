/* client.h - a client for one HTTP server, the gateway that `url` names.
 *
 * Passwords and tokens never reach another server: certificates are always
 * checked; plain http is only used to this machine, unless url_tls = off; a
 * redirect is only followed within the server.  Answers are not trusted: their
 * size is limited, and every wait has a limit.
 *
 * Connections stay open between requests.  libcurl implements HTTP, in the
 * module http-client.  For one thread; ignore SIGPIPE or let libcurl do so.  A
 * signal (base/stop.h) ends a request within a second: V2M_TEMP, "interrupted".
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
	/* The body: length bytes, read like pread(2); 0 and NULL: none.  If
	 * there are fewer bytes, return -1 with err filled. */
	int64_t length;
	ssize_t (*read)(void *arg, void *buf, size_t n, int64_t at,
	    struct v2m_err *err);
	/* Called with the body of a 2xx answer, whose headers are in *a; -1
	 * with err filled ends the request.  NULL: the body is collected in the
	 * answer, as that of other statuses always is. */
	int (*write)(void *arg, const struct v2m_http_answer *a,
	    const void *buf, size_t n, struct v2m_err *err);
	void *arg;
	bool farewell;		/* sent even after a signal, for 3 s */
};

/* Send a request once.  0: there is a complete answer with any status, which
 * the caller releases; a->fate is V2M_HTTP_ANSWERED.  -1: there is none; err
 * says why, and a->fate whether trying again can help; nothing is to be
 * released. */
int v2m_http_try(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err);

/* Wait before the next try, after a failure or an answer that says "later"; err
 * is that failure, and stays.  0: try again.  -1: url_timeout is over since the
 * trouble began, or trying again does not help, or a signal came. */
int v2m_http_wait(struct v2m_http *h, const struct v2m_http_answer *a,
    struct v2m_err *err);

/* There was progress: url_timeout begins again with the next trouble. */
void v2m_http_calm(struct v2m_http *h);

/* Extend url_timeout of the present trouble: the server is known to be working
 * on it. */
void v2m_http_extend(struct v2m_http *h, int64_t ms);

/* Send a request again and again until there is an answer that does not say
 * "later", or v2m_http_wait() gives up.  For requests that may arrive twice.  0
 * with an answer of any other status, to be released; -1. */
int v2m_http_ask(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err);

#endif
