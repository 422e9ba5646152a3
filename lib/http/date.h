/* date.h - a moment as HTTP writes it (RFC 9110's IMF-fixdate), whatever the
 * locale.  Pure. */
#ifndef V2M_HTTP_DATE_H
#define V2M_HTTP_DATE_H

#include <time.h>

#define V2M_HTTP_DATE_SIZE 40

/* Fills dst, ended by NUL. */
void v2m_http_date(char dst[V2M_HTTP_DATE_SIZE], time_t when);

#endif
