/* base64.h - base64 in header fields (RFC 4648).  Pure and thread-safe. */
#ifndef V2M_HTTP_BASE64_H
#define V2M_HTTP_BASE64_H

#include <stddef.h>

/* Decode src, with or without padding, and without blanks behind it.  Returns
 * the number of bytes in dst; -1: it is not valid, or too long. */
ptrdiff_t v2m_base64_decode(unsigned char *dst, size_t size,
    const char *src);

#endif
