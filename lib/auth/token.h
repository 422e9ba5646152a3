/* token.h - tokens: JSON Web Tokens (RFC 7519), HS256 and nothing else.
 *
 * Claims: username (the address), iat, exp, admin (always true, as existing
 * deployments have it, and without a meaning) and role ("user" or "admin"),
 * which decides about access to other users' files.  libjwt signs and verifies,
 * in a module of its own.  What it does not check is checked here: the
 * algorithm, that there is an exp, the types of the claims, the length.
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

#define V2M_TOKEN_MAX 8192	/* bytes; a longer one is refused unread */

struct v2m_claims {
	char username[V2M_EMAIL_MAX];	/* normalised */
	int64_t issued_s, expires_s;	/* seconds since 1970; issued_s may be
					 * 0 in a foreign token: unknown */
	bool admin;			/* by role, not the claim admin */
};

struct v2m_tokens;

/* Read the secrets of jwt_secret_file: one per line, whose bytes are used as
 * they are; the first signs, all verify.  An empty file, an empty line before
 * the last, and NUL are refused; a secret shorter than 32 bytes works, with a
 * warning in the log.  V2M_CONFIG; V2M_DENIED: we may not read it. */
struct v2m_tokens *v2m_tokens_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_tokens_free(struct v2m_tokens *t);	/* wipes; NULL is fine */

/* A new token for claims->username and role, issued at claims->issued_s (which
 * the caller took from the clock before reading the user's row), and valid for
 * lifetime_s from then; sets expires_s.  Caller frees the text.  NULL:
 * V2M_TEMP; V2M_CONFIG: the lifetime is 0, or ends after the year 9999. */
char *v2m_token_sign(const struct v2m_tokens *t, struct v2m_claims *claims,
    int64_t lifetime_s, struct v2m_err *err);

/* Is it valid, and what are its claims?  V2M_DENIED, each with its own message:
 * no token, malformed (how), another algorithm, wrong signature, expired
 * (when), no exp, issued in the future, no username.  V2M_TEMP.  Of the token,
 * the message contains only the name of the algorithm. */
int v2m_token_verify(const struct v2m_tokens *t, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* The claims as a JSON object on one line, with times in whole seconds; a time
 * that is not known is left out.  Caller frees.  NULL: V2M_TEMP. */
char *v2m_claims_json(const struct v2m_claims *claims, struct v2m_err *err);

/* Write a new secret file, 0600: 32 random bytes in base64url and a line feed.
 * Its folder is made if necessary.  If the file exists, it stays: 0, and *made
 * is false.  V2M_CANTCREATE. */
int v2m_token_make_secret(const char *path, bool *made, struct v2m_err *err);

/* The same with the secrets of the file `from`, so that its tokens are valid
 * here, too. */
int v2m_token_copy_secret(const char *path, const char *from, bool *made,
    struct v2m_err *err);

#endif
