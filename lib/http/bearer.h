/* bearer.h - "Authorization: Bearer TOKEN" (RFC 6750).  Pure, thread-safe. */
#ifndef V2M_HTTP_BEARER_H
#define V2M_HTTP_BEARER_H

#include <stdbool.h>
#include <stddef.h>

/* Copy the token of a field's value to dst.  false: another scheme, no token, a
 * character that is not allowed, or longer than size - 1. */
bool v2m_bearer_parse(const char *value, char *dst, size_t size);

/* If value begins with scheme, in any case, and a blank: what follows; else
 * NULL. */
const char *v2m_auth_rest(const char *value, const char *scheme);

#endif
