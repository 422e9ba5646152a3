/* bearer.h - "Authorization: Bearer TOKEN" (RFC 6750).  Pure, thread-safe. */
#ifndef V2M_HTTP_BEARER_H
#define V2M_HTTP_BEARER_H

#include <stdbool.h>
#include <stddef.h>

/* Copy the token of a field's value into dst.  false: another scheme, no
 * token, a character that none has, or longer than size - 1. */
bool v2m_bearer_parse(const char *value, char *dst, size_t size);

/* What stands behind the scheme and its blanks, where value begins with
 * scheme (whatever its case) and a blank; else NULL. */
const char *v2m_auth_rest(const char *value, const char *scheme);

#endif
