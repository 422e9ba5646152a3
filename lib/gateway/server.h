/* server.h - requests and routes: the interface between HTTP and a route.
 *
 * Each connection has a thread of its own with a small stack (256 KiB).  All
 * functions of a route are called in it, so they may block; but a function that
 * may block for long should not hold anything that others wait for.  The body
 * of a request is pushed, piece by piece, as it arrives: while body() does not
 * return, no more is read from the client.
 *
 *	begin	the header is here, no byte of the body was read
 *	body	a piece of it, as often as it takes; never without a body
 *	end	it is complete
 *	release	always, once, whatever happened
 *
 * Each may be NULL.  begin and body may reply; then only release is called, the
 * rest of the body is not read, and the connection ends.  end must reply if
 * neither did.
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
	bool prefix;		/* the path may go on behind it */
	bool metrics;		/* served at metrics_listen, too */
	void (*begin)(struct v2m_rq *rq);
	void (*body)(struct v2m_rq *rq, const void *buf, size_t n);
	void (*end)(struct v2m_rq *rq);
	void (*release)(struct v2m_rq *rq);
};

/* All of them, in routes.c, ended by a NULL path. */
extern const struct v2m_route v2m_routes[];

/* --- the request (asked.c) --- */

const char *v2m_rq_method(const struct v2m_rq *rq);

/* The path, decoded; valid UTF-8 without control characters. */
const char *v2m_rq_path(const struct v2m_rq *rq);

/* A parameter of the query, decoded; NULL: not there.  No key is there
 * twice. */
const char *v2m_rq_query(const struct v2m_rq *rq, const char *key);

/* The value of a header field; NULL: not there, or more than once. */
const char *v2m_rq_header(const struct v2m_rq *rq, const char *name);

/* How many bytes of body are announced: -1 unknown (chunked), 0 none. */
int64_t v2m_rq_length(const struct v2m_rq *rq);

/* The key by which requests and failed logins are counted: the IP address of
 * the client, behind trusted proxies; of an IPv6 address the first 64 bits. */
const char *v2m_rq_rate_key(const struct v2m_rq *rq);

/* The prefix that our paths have for the client: X-Forwarded-Prefix of a
 * trusted proxy, else base_path; "" or "/v2m". */
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

/* The state of the route, which its release() frees. */
void *v2m_rq_state(const struct v2m_rq *rq);
void v2m_rq_set_state(struct v2m_rq *rq, void *state);

/* In release(): did the client not get the whole answer? */
bool v2m_rq_aborted(const struct v2m_rq *rq);

/* Has the client closed the connection?  May be asked at any time. */
bool v2m_rq_client_left(const struct v2m_rq *rq);

/* Is the gateway about to end? */
bool v2m_rq_draining(const struct v2m_rq *rq);

/* Add key=value to the line of the log: "user", "job".  key is borrowed for
 * good, value copied and escaped.  At most 6. */
void v2m_rq_note(struct v2m_rq *rq, const char *key, const char *value);

/* --- the answer (reply.c) --- */

/* Add a header field; call it before one of the functions below.  Control
 * characters in value are replaced.  At most 24 for an answer. */
void v2m_rq_reply_header(struct v2m_rq *rq, const char *name,
    const char *value);

/* Answer with the text, to which no line end is added.  It is text/plain unless
 * a Content-Type was added.  Copied. */
void v2m_rq_reply_text(struct v2m_rq *rq, int status, const char *text);

/* Answer with the JSON, which is taken over; with 500 if it is NULL. */
void v2m_rq_reply_json(struct v2m_rq *rq, int status, json_t *json);

/* Answer with an error: a line of text (without a line end, as existing
 * services do it), or {"error", "code", "status"} if the client wants JSON. */
void v2m_rq_reply_error(struct v2m_rq *rq, int status,
    const struct v2m_err *err);

/* Answer with length bytes of a file from offset on.  fd is taken over.  Not in
 * body(). */
void v2m_rq_reply_fd(struct v2m_rq *rq, int status, int fd, int64_t offset,
    int64_t length);

/* Answer with the bytes that read_fn returns: at least 1, or -1, which ends the
 * connection, so that the client sees that something is missing.  length -1:
 * unknown; then 0 is the end.  free_fn(arg), unless NULL, is called once, in
 * any case.  Not in body(). */
void v2m_rq_reply_stream(struct v2m_rq *rq, int status, int64_t length,
    ssize_t (*read_fn)(void *arg, int64_t at, void *buf, size_t n), void *arg,
    void (*free_fn)(void *arg));

/* Answer with bytes that never change or go away.  Not in body(). */
void v2m_rq_reply_static(struct v2m_rq *rq, int status, const char *type,
    const void *bytes, size_t n);

#endif
