/* etag.h - does a list of entity tags (If-None-Match) hold one?  Pure. */
#ifndef V2M_HTTP_ETAG_H
#define V2M_HTTP_ETAG_H

#include <stdbool.h>

/* By the weak comparison of RFC 9110: W/ in front counts for nothing, and "*"
 * matches whatever there is.  etag with its quotes.  A list that is none
 * matches nothing. */
bool v2m_etag_listed(const char *list, const char *etag);

#endif
