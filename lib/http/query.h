/* query.h - parses a query, application/x-www-form-urlencoded.  Thread-safe; a
 * struct v2m_query belongs to one thread. */
#ifndef V2M_HTTP_QUERY_H
#define V2M_HTTP_QUERY_H

#include <stddef.h>

#include "base/err.h"

#define V2M_QUERY_MAX 32	/* pairs */

struct v2m_query {
	char *text;		/* owned; the pairs point into it */
	size_t n;
	struct {
		const char *key, *value;
	} pairs[V2M_QUERY_MAX];
};

/* Decode n bytes of text, "a=b&c=d".  A pair without '=' has an empty value; an
 * empty pair is ignored.  V2M_USAGE: a bad escape, NUL or another control
 * character, the same key twice, too many pairs; V2M_TEMP.  On failure q is
 * released. */
int v2m_query_parse(struct v2m_query *q, const char *text, size_t n,
    struct v2m_err *err);
void v2m_query_release(struct v2m_query *q);

/* The value of key, borrowed from q; NULL: there is none. */
const char *v2m_query_get(const struct v2m_query *q, const char *key);

#endif
