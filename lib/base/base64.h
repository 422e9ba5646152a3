/* base64.h - a strict decoder of base64 and base64url (RFC 4648).  Pure and
 * thread-safe. */
#ifndef V2M_BASE_BASE64_H
#define V2M_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decode n letters, without padding.  Returns the number of bytes in dst; -1:
 * this is not the encoding of any bytes (padding, white space and stray bits
 * are refused), or there are more than size bytes. */
ptrdiff_t v2m_base64_letters(void *dst, size_t size, const char *src, size_t n,
    bool url);

#endif
