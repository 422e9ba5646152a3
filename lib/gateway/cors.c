#include "gateway/cors.h"

#include <string.h>

#define BETWEEN " \t,"

static bool
is_listed(const char *list, const char *origin)
{
	size_t n;

	for (list += strspn(list, BETWEEN); *list != '\0';
	    list += strspn(list, BETWEEN)) {
		n = strcspn(list, BETWEEN);
		if ((n == 1 && *list == '*') || (n == strlen(origin) &&
		    strncmp(list, origin, n) == 0))
			return true;
		list += n;
	}
	return false;
}

/* SCHEME://HOST, without a path. */
static bool
is_origin(const char *s, size_t n)
{
	size_t scheme = strncmp(s, "https://", 8) == 0 ? 8 :
	    strncmp(s, "http://", 7) == 0 ? 7 : 0;

	return (n == 1 && *s == '*') || (scheme > 0 && n > scheme &&
	    memchr(s + scheme, '/', n - scheme) == NULL);
}

int
v2m_cors_check(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *list = v2m_conf_text(conf, "cors_origins");
	size_t n;

	for (list += strspn(list, BETWEEN); *list != '\0';
	    list += n + strspn(list + n, BETWEEN)) {
		n = strcspn(list, BETWEEN);
		if (!is_origin(list, n))
			return v2m_err_set(err, V2M_CONFIG, "cors_origins: "
			    "'%.*s' is not an origin: write https://HOST, "
			    "without a path", (int)n, list);
	}
	return 0;
}

/* The answer to a preflight request, by which a browser asks before the real
 * request. */
static void
allow(struct v2m_rq *rq)
{
	v2m_rq_reply_header(rq, "Access-Control-Allow-Methods",
	    "GET, HEAD, POST, PUT, PATCH, DELETE");
	v2m_rq_reply_header(rq, "Access-Control-Allow-Headers",
	    "Accept, Authorization, Content-Type, If-None-Match, If-Range, "
	    "Range, Tus-Resumable, Upload-Checksum, Upload-Defer-Length, "
	    "Upload-Length, Upload-Metadata, Upload-Offset, "
	    "X-HTTP-Method-Override, X-Request-ID");
	v2m_rq_reply_header(rq, "Access-Control-Max-Age", "600");
}

void
v2m_cors(struct v2m_rq *rq)
{
	const char *list = v2m_conf_text(v2m_rq_conf(rq), "cors_origins");
	const char *origin;

	if (list[0] == '\0')
		return;
	v2m_rq_reply_header(rq, "Vary", "Origin");
	origin = v2m_rq_header(rq, "Origin");
	if (origin == NULL || !is_listed(list, origin))
		return;
	v2m_rq_reply_header(rq, "Access-Control-Allow-Origin", origin);
	v2m_rq_reply_header(rq, "Access-Control-Expose-Headers",
	    "Content-Disposition, Content-Range, ETag, Location, Retry-After, "
	    "Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, "
	    "Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, "
	    "Link, V2M-Id, V2M-Next, V2M-State, V2M-Warnings, "
	    "V2M-Worker-Seen, X-Request-Id");
	if (strcmp(v2m_rq_method(rq), "OPTIONS") == 0 &&
	    v2m_rq_header(rq, "Access-Control-Request-Method") != NULL)
		allow(rq);
}
