/* etag.h - does a list of entity tags (If-None-Match) contain one?  Pure. */
#ifndef V2M_HTTP_ETAG_H
#define V2M_HTTP_ETAG_H

#include <stdbool.h>

/* By the weak comparison of RFC 9110: W/ in front is ignored, and "*" matches
 * any tag.  etag: with its quotes.  A malformed list matches nothing. */
bool v2m_etag_listed(const char *list, const char *etag);

#endif
