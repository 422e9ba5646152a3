/* base64url.h - base64url (RFC 4648) without padding, as in tokens.
 * Thread-safe. */
#ifndef V2M_AUTH_BASE64URL_H
#define V2M_AUTH_BASE64URL_H

#include <stddef.h>

/* Room for the encoding of n bytes and a NUL, and for the decoding of n
 * letters and a NUL. */
#define V2M_BASE64URL_SIZE(n) ((n) / 3 * 4 + 8)
#define V2M_BASE64URL_DECODED(n) ((n) / 4 * 3 + 4)

/* Encode n bytes, with a NUL behind. */
void v2m_base64url_encode(char *dst, const void *src, size_t n);

/* Decode n letters, with a NUL behind.  Returns the number of bytes; -1: this
 * is not the encoding of any bytes (padding, line breaks and stray bits are
 * refused). */
int v2m_base64url_decode(char *dst, const char *src, size_t n);

#endif
