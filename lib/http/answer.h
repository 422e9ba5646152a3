/* answer.h - what an HTTP server answered, as far as a client of ours cares.
 *
 * Pure, thread-safe, and safe with whatever a hostile server says.
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
	V2M_HTTP_ANSWERED,	/* there is a whole answer */
	V2M_HTTP_UNREACHED,	/* it surely did not arrive */
	V2M_HTTP_BROKEN,	/* it may have arrived */
	V2M_HTTP_OVER,		/* trying again makes no sense */
};

struct v2m_http_answer {
	enum v2m_http_fate fate;
	bool plausible;		/* the host's name led to an address, and what
				 * is there speaks TLS if it should */
	int status;		/* 0: no status line came */
	bool json;		/* Content-Type: application/json */
	bool ranged;		/* there is a sound Content-Range */
	char etag[128];		/* as it stands; "" none */
	char location[1024];
	int64_t length;		/* Content-Length; -1 none */
	int64_t range_start, range_total;	/* of Content-Range */
	int64_t upload_offset;	/* tus; -1 none */
	char job[32];		/* V2M-Id: the job it became; "" none */
	int64_t retry_after_ms;	/* -1 none */
	char *body;		/* with a NUL behind; NULL: written away */
	size_t size, room;
};

void v2m_http_answer_init(struct v2m_http_answer *a);
void v2m_http_answer_release(struct v2m_http_answer *a);

/* Take one line of the head in: a status line begins it anew.  Header fields
 * that nobody asks for, and odd ones, are passed over. */
void v2m_http_answer_line(struct v2m_http_answer *a, const char *line,
    size_t n);

/* Add to the body.  V2M_UNAVAILABLE: too long; V2M_TEMP. */
int v2m_http_answer_add(struct v2m_http_answer *a, const void *buf, size_t n,
    struct v2m_err *err);

/* Does it ask to come again later: 429, 502, 503, 504? */
bool v2m_http_answer_is_later(const struct v2m_http_answer *a);

/* The body as JSON, an object (caller drops the reference).  NULL:
 * V2M_UNAVAILABLE. */
json_t *v2m_http_answer_object(const struct v2m_http_answer *a,
    struct v2m_err *err);

/* What an answer that is not success says: {"error", "code", "status"} become
 * the message and the code that the same failure has locally; else its status
 * decides.  Returns -1. */
int v2m_http_answer_refused(const struct v2m_http_answer *a,
    struct v2m_err *err);

#endif
