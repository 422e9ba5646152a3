/* range.h - which part of a file is asked for: Range and If-Range (RFC 9110).
 * Pure and thread-safe. */
#ifndef V2M_HTTP_RANGE_H
#define V2M_HTTP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum v2m_range {
	V2M_RANGE_ALL,		/* none, several, or one to be ignored: 200 */
	V2M_RANGE_PART,		/* 206: *first to *last, both within */
	V2M_RANGE_NONE,		/* 416: nothing of it is there */
};

/* Read the value of Range (NULL: there is none) for a file of size bytes. */
enum v2m_range v2m_range_parse(const char *value, int64_t size,
    int64_t *first, int64_t *last);

/* May Range be heard, as If-Range (NULL: there is none) says?  etag is the
 * strong one of what would be sent, quotes included.  A date never matches:
 * what is sent has none. */
bool v2m_if_range(const char *value, const char *etag);

#endif
