/* range.h - Range and If-Range (RFC 9110): which part of a file to send.  Pure
 * and thread-safe. */
#ifndef V2M_HTTP_RANGE_H
#define V2M_HTTP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum v2m_range {
	V2M_RANGE_ALL,		/* no range, several, or an invalid one: 200 */
	V2M_RANGE_PART,		/* *first to *last, inclusive: 206 */
	V2M_RANGE_NONE,		/* behind the end of the file: 416 */
};

/* Parse the value of Range (NULL: there is none) for a file of size bytes. */
enum v2m_range v2m_range_parse(const char *value, int64_t size,
    int64_t *first, int64_t *last);

/* Does If-Range (NULL: there is none) allow to use Range?  etag is the strong
 * tag of the file, with its quotes.  A date never matches, as our files have
 * none. */
bool v2m_if_range(const char *value, const char *etag);

#endif
