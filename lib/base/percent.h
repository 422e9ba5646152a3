/* percent.h - percent-encoding (RFC 3986), both ways.  Pure and thread-safe. */
#ifndef V2M_BASE_PERCENT_H
#define V2M_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Decode n bytes of src into dst, which holds n + 1; with plus, '+' is a
 * blank.  false: a bad escape, a NUL, or another control character, raw or
 * escaped; dst undefined. */
bool v2m_percent_decode(char *dst, const char *src, size_t n, bool plus);

/* Encode src into dst: letters, digits, -._~ and the characters of keep, unless
 * that is NULL, are not encoded.  false: it did not fit, and was cut. */
bool v2m_percent_encode(char *dst, size_t size, const char *src,
    const char *keep);

#endif
