/* date.h - a time as HTTP writes it (IMF-fixdate of RFC 9110), in any locale.
 * Pure. */
#ifndef V2M_HTTP_DATE_H
#define V2M_HTTP_DATE_H

#include <time.h>

#define V2M_HTTP_DATE_SIZE 40

/* Fills dst, ended by NUL. */
void v2m_http_date(char dst[V2M_HTTP_DATE_SIZE], time_t when);

#endif
