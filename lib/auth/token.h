/* token.h - tokens: JSON Web Tokens (RFC 7519), HS256 and nothing else.
 *
 * Claims: username (the address), iat, exp, admin (always true, without a
 * meaning: see the design's wire formats) and role ("user" or "admin"), which
 * alone opens other people's files.  libjwt signs and verifies, in a module
 * of its own; what it does not check is checked here: the algorithm, exp and
 * its presence, the claims' types, the length.
 *
 * Thread-safe once opened.
 */
#ifndef V2M_AUTH_TOKEN_H
#define V2M_AUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"

#define V2M_TOKEN_MAX 8192	/* bytes; what is longer is not looked at */

struct v2m_claims {
	char username[V2M_EMAIL_MAX];	/* normalised */
	int64_t issued_s, expires_s;	/* seconds since 1970; issued_s may be
					 * 0 in a foreign token: unknown */
	bool admin;			/* by role, not by the claim admin */
};

struct v2m_tokens;

/* Read the secrets: jwt_secret_file, one secret a line, used as its literal
 * bytes; the first signs, all verify.  An empty file, an empty line before
 * the last or a NUL is refused; a secret shorter than 32 bytes works, with a
 * warning on the log.  V2M_CONFIG, V2M_DENIED (not ours to read). */
struct v2m_tokens *v2m_tokens_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_tokens_free(struct v2m_tokens *t);	/* wipes; NULL is fine */

/* A new token for claims->username and role, issued at claims->issued_s (which
 * the caller took from the clock, before he read the user's row) and good for
 * lifetime_s from then: expires_s is set.  Caller frees the text.  NULL:
 * V2M_TEMP, V2M_CONFIG (a lifetime of nothing or beyond the year 9999). */
char *v2m_token_sign(const struct v2m_tokens *t, struct v2m_claims *claims,
    int64_t lifetime_s, struct v2m_err *err);

/* Is it good, and whose?  V2M_DENIED, each with its own words: no token,
 * malformed (how), another algorithm, wrong signature, expired (when), no exp,
 * issued in the future, no username.  V2M_TEMP.  The message never holds any
 * of the token but the name of its algorithm. */
int v2m_token_verify(const struct v2m_tokens *t, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* The claims as a JSON object on one line, as the token has them, times in
 * whole seconds; an unknown one is left out.  Caller frees.  NULL: V2M_TEMP. */
char *v2m_claims_json(const struct v2m_claims *claims, struct v2m_err *err);

/* Write a new secret file: 32 random bytes in base64url and a newline, 0600,
 * in a folder that is made where it is missing.  One that is there stays: 0
 * either way; *made tells.  V2M_CANTCREATE. */
int v2m_token_make_secret(const char *path, bool *made, struct v2m_err *err);

#endif
