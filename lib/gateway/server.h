/* server.h - requests and routes: what a route sees of HTTP.
 *
 * Each connection has a thread of its own with a small stack (256 KiB), in
 * which all four functions of a route are called, so they may block; but what
 * can block for long should not hold anything that others wait for.  The body
 * of a request is pushed, piece by piece, as it arrives: not to return from
 * body() is the back-pressure.
 *
 *	begin	the header is here, no byte of the body was read
 *	body	a piece of it, as often as it takes; never without a body
 *	end	it is complete
 *	release	always, once, whatever happened
 *
 * Each may be NULL.  begin and body may reply; then nothing is called any more
 * but release, the rest of the body is not read and the connection ends.  end
 * must reply, where begin has not.
 *
 * Thread safety: a struct v2m_rq belongs to its connection's thread.
 */
#ifndef V2M_GATEWAY_SERVER_H
#define V2M_GATEWAY_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"
#include "gateway/pool.h"

struct v2m_rq;			/* a request; valid until release returned */

struct v2m_route {
	const char *method;	/* GET answers HEAD as well */
	const char *path;	/* "/status"; with prefix: "/files/" */
	bool prefix;		/* and whatever goes on behind it */
	bool metrics;		/* served at metrics_listen, too */
	void (*begin)(struct v2m_rq *rq);
	void (*body)(struct v2m_rq *rq, const void *buf, size_t n);
	void (*end)(struct v2m_rq *rq);
	void (*release)(struct v2m_rq *rq);
};

/* All of them, in routes.c, ended by a NULL path. */
extern const struct v2m_route v2m_routes[];

/* --- what is asked (asked.c) --- */

const char *v2m_rq_method(const struct v2m_rq *rq);

/* The path, decoded; valid UTF-8 without control characters. */
const char *v2m_rq_path(const struct v2m_rq *rq);

/* A parameter of the query, decoded; NULL: not there.  Each key is there at
 * most once. */
const char *v2m_rq_query(const struct v2m_rq *rq, const char *key);

/* The value of a field; NULL: not there, or more than once. */
const char *v2m_rq_header(const struct v2m_rq *rq, const char *name);

/* How many bytes of body are announced: -1 unknown (chunked), 0 none. */
int64_t v2m_rq_length(const struct v2m_rq *rq);

/* The key by which requests and failed logins are counted: the client's IP
 * address, behind proxies that are trusted; of an IPv6 address the first 64
 * bits. */
const char *v2m_rq_rate_key(const struct v2m_rq *rq);

/* What stands in front of our paths where the client asks: X-Forwarded-Prefix
 * of a proxy that is trusted, else base_path; "" or "/v2m". */
#define V2M_PREFIX_MAX 256	/* bytes, with the NUL */
const char *v2m_rq_prefix(const struct v2m_rq *rq);

/* The name of this request in logs. */
const char *v2m_rq_id(const struct v2m_rq *rq);

/* Did it come in at metrics_listen? */
bool v2m_rq_at_metrics(const struct v2m_rq *rq);

const struct v2m_conf *v2m_rq_conf(const struct v2m_rq *rq);
struct v2m_pool *v2m_rq_pool(const struct v2m_rq *rq);

struct v2m_components;
struct v2m_components *v2m_rq_components(const struct v2m_rq *rq);

/* Does the caller want JSON: Accept: application/json, or ?format=json? */
bool v2m_rq_wants_json(const struct v2m_rq *rq);

/* The route's own, freed in its release. */
void *v2m_rq_state(const struct v2m_rq *rq);
void v2m_rq_set_state(struct v2m_rq *rq, void *state);

/* In release: has the client not got the whole of an answer? */
bool v2m_rq_aborted(const struct v2m_rq *rq);

/* Has the client closed his side, or broken off?  May be asked at any time. */
bool v2m_rq_client_left(const struct v2m_rq *rq);

/* Is the gateway about to end? */
bool v2m_rq_draining(const struct v2m_rq *rq);

/* Add key=value to the line of the log: "user", "job".  key is borrowed for
 * good, value copied and escaped.  At most 6. */
void v2m_rq_note(struct v2m_rq *rq, const char *key, const char *value);

/* --- what is answered (reply.c) --- */

/* A field of the answer, before one of the following.  Control characters in
 * value are replaced.  At most 24 for an answer. */
void v2m_rq_reply_header(struct v2m_rq *rq, const char *name,
    const char *value);

/* The text as it is, no line end added; text/plain unless a Content-Type was
 * given.  Copied. */
void v2m_rq_reply_text(struct v2m_rq *rq, int status, const char *text);

/* Taken over; NULL answers 500. */
void v2m_rq_reply_json(struct v2m_rq *rq, int status, json_t *json);

/* One line of text (no line end, as existing services do it), or to who wants
 * it {"error", "code", "status"}. */
void v2m_rq_reply_error(struct v2m_rq *rq, int status,
    const struct v2m_err *err);

/* length bytes of a file from offset on.  fd is taken over.  Not in body(). */
void v2m_rq_reply_fd(struct v2m_rq *rq, int status, int fd, int64_t offset,
    int64_t length);

/* What read_fn makes: it returns a number of bytes, at least 1, or -1, which
 * ends the connection so that the client sees that something is missing.
 * length -1: unknown, then 0 is the end.  free_fn(arg) is called once, in any
 * case; NULL: nothing.  Not in body(). */
void v2m_rq_reply_stream(struct v2m_rq *rq, int status, int64_t length,
    ssize_t (*read_fn)(void *arg, int64_t at, void *buf, size_t n), void *arg,
    void (*free_fn)(void *arg));

/* Bytes that stay as they are for good.  Not in body(). */
void v2m_rq_reply_static(struct v2m_rq *rq, int status, const char *type,
    const void *bytes, size_t n);

#endif
