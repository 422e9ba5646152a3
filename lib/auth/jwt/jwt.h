/* jwt.h - the module "token-jwt": libjwt for token.c.
 *
 * It only signs and verifies.  The key must have at least one byte: with an
 * empty one, libjwt would check nothing at all.  Thread-safe.
 */
#ifndef V2M_AUTH_JWT_H
#define V2M_AUTH_JWT_H

#include <stddef.h>

#include "base/err.h"

struct v2m_token_jwt {
	/* Sign the claims (the text of a JSON object) with HS256.  Caller
	 * frees the token.  NULL: V2M_TEMP, V2M_BUG. */
	char *(*sign)(const char *claims, const void *key, size_t n,
	    struct v2m_err *err);

	/* 1: the signature is that of HS256 with this key, and *claims the
	 * text of the claims (caller frees).  0: it is not.  -1: V2M_TEMP. */
	int (*verify)(const char *token, const void *key, size_t n,
	    char **claims, struct v2m_err *err);
};

extern const struct v2m_token_jwt v2m_token_jwt;

#endif
