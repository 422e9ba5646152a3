/* fields.h - checks the header fields of a request.
 *
 * If a proxy and a server read the same bytes as different requests, requests
 * can be smuggled past the proxy.  So a header that could be read in two ways
 * is refused.  Pure and thread-safe.
 */
#ifndef V2M_HTTP_FIELDS_H
#define V2M_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define V2M_FIELDS_MAX 100	/* more fields than a request may have */

struct v2m_http_field {
	const char *name, *value;	/* borrowed */
	size_t name_n, value_n;
};

/* V2M_USAGE, with what is wrong: a name that is not a token; a control
 * character in a value; more than one Host, Content-Length, Transfer-Encoding
 * or Authorization; a Content-Length that is not a number, or that comes with
 * Transfer-Encoding; a Transfer-Encoding that is not exactly "chunked", or not
 * on HTTP/1.1; no Host on HTTP/1.1, or an invalid one; too many fields. */
int v2m_fields_check(const struct v2m_http_field *fields, size_t n,
    bool http_1_1, struct v2m_err *err);

/* How many fields have this name, in any case.  If there is one, and found is
 * not NULL, *found becomes the first. */
size_t v2m_fields_get(const struct v2m_http_field *fields, size_t n,
    const char *name, const struct v2m_http_field **found);

/* The length of the body, by a checked header: -1: chunked; 0: none. */
int64_t v2m_fields_length(const struct v2m_http_field *fields, size_t n);

#endif
