/* fields.h - may the header of a request be believed?
 *
 * Two parties that read the same bytes as different requests are how requests
 * are smuggled past a proxy; so what could be read in two ways is refused.
 * Pure and thread-safe.
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

/* V2M_USAGE, with what is wrong: a name that is no token; a control character
 * in a value; more than one Host, Content-Length, Transfer-Encoding or
 * Authorization; Content-Length that is not a number, or beside
 * Transfer-Encoding; Transfer-Encoding but exactly "chunked" on HTTP/1.1; no
 * Host there, or one that cannot be; too many fields. */
int v2m_fields_check(const struct v2m_http_field *fields, size_t n,
    bool http_1_1, struct v2m_err *err);

/* How many fields have this name, whatever its case; *found, unless
 * NULL and there is one, becomes the first. */
size_t v2m_fields_get(const struct v2m_http_field *fields, size_t n,
    const char *name, const struct v2m_http_field **found);

/* The length that the header, once checked, announces: -1 chunked, 0 none. */
int64_t v2m_fields_length(const struct v2m_http_field *fields, size_t n);

#endif
