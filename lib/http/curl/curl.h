/* curl.h - the module http-client, for client.c: one try of a request with
 * libcurl. */
#ifndef V2M_HTTP_CURL_H
#define V2M_HTTP_CURL_H

#include "http/client.h"
#include "http/origin.h"

struct v2m_http_curl_ops {
	/* stall_ms: the longest time without any bytes. */
	void *(*open)(const struct v2m_origin *o, const char *ca_file,
	    int64_t stall_ms, struct v2m_err *err);
	void (*close)(void *self);
	/* url: the complete URL, used in place of rq->path.  a is initialised.
	 * As v2m_http_try(), but the caller always releases a->body. */
	int (*perform)(void *self, const char *url,
	    const struct v2m_http_request *rq, struct v2m_http_answer *a,
	    struct v2m_err *err);
};

#endif
