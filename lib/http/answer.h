/* answer.h - the answer of an HTTP server: the parts that our client needs.
 *
 * Pure, thread-safe, and safe with a hostile server.
 */
#ifndef V2M_HTTP_ANSWER_H
#define V2M_HTTP_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes of the longest body that is collected: a page of 1000 jobs. */
#define V2M_HTTP_BODY_MAX (16 * 1024 * 1024)

/* How a try ended. */
enum v2m_http_fate {
	V2M_HTTP_ANSWERED,	/* there is a complete answer */
	V2M_HTTP_UNREACHED,	/* the request certainly did not arrive */
	V2M_HTTP_BROKEN,	/* it may have arrived */
	V2M_HTTP_OVER,		/* trying again does not help */
};

struct v2m_http_answer {
	enum v2m_http_fate fate;
	bool plausible;		/* the host has an address, and its server
				 * uses TLS if it should */
	int status;		/* 0: no status line came */
	bool json;		/* Content-Type: application/json */
	bool ranged;		/* there is a valid Content-Range */
	char etag[128];		/* with its quotes; "" none */
	char location[1024];
	int64_t length;		/* Content-Length; -1 none */
	int64_t range_start, range_total;	/* of Content-Range */
	int64_t upload_offset;	/* tus; -1 none */
	char job[32];		/* V2M-Id: the job it became; "" none */
	int64_t retry_after_ms;	/* -1 none */
	int64_t worker_seen_s;	/* V2M-Worker-Seen: seconds since a worker
				 * asked for work; -1 none */
	char *body;		/* with a NUL behind; NULL: passed to write() */
	size_t size, room;
};

void v2m_http_answer_init(struct v2m_http_answer *a);
void v2m_http_answer_release(struct v2m_http_answer *a);

/* Add one line of the head; a status line starts a new head.  Other header
 * fields, and malformed ones, are ignored. */
void v2m_http_answer_line(struct v2m_http_answer *a, const char *line,
    size_t n);

/* Add to the body.  V2M_UNAVAILABLE: too long; V2M_TEMP. */
int v2m_http_answer_add(struct v2m_http_answer *a, const void *buf, size_t n,
    struct v2m_err *err);

/* Does it say to try again later: 429, 502, 503, 504? */
bool v2m_http_answer_is_later(const struct v2m_http_answer *a);

/* The body as JSON, an object (caller drops the reference).  NULL:
 * V2M_UNAVAILABLE. */
json_t *v2m_http_answer_object(const struct v2m_http_answer *a,
    struct v2m_err *err);

/* Set err from an answer that is not a success: {"error", "code", "status"}
 * become the message and the code that the same failure has without a gateway;
 * else by the HTTP status.  Returns -1. */
int v2m_http_answer_refused(const struct v2m_http_answer *a,
    struct v2m_err *err);

#endif
