/* token_check.h - the checks of a token that need no secret: its form, before
 * the signature is verified, and its claims, after that.  For token.c only.
 * Thread-safe.
 */
#ifndef V2M_AUTH_TOKEN_CHECK_H
#define V2M_AUTH_TOKEN_CHECK_H

#include "auth/token.h"

/* A token may seem to be issued this much in the future, as the clocks of two
 * machines differ. */
#define V2M_TOKEN_LEEWAY_S 60

/* The last second that four digits of a year can name. */
#define V2M_TOKEN_LAST_S INT64_C(253402300799)

/* Is it of the form header.claims.signature, with a header that asks for
 * HS256 and for nothing that we do not know?  V2M_DENIED. */
int v2m_token_check_form(const char *token, struct v2m_err *err);

/* json: the text of the claims.  Fills claims.  now_s: seconds since 1970.
 * V2M_DENIED, V2M_TEMP. */
int v2m_token_check_claims(const char *json, int64_t now_s,
    struct v2m_claims *claims, struct v2m_err *err);

#endif
