/* session.h - the login that makes a token, and the check that it is still
 * valid.  Thread-safe. */
#ifndef V2M_AUTH_SESSION_H
#define V2M_AUTH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"

/* Check e-mail and password against the users database and mint a token, good
 * for token_lifetime (caller wipes and frees).  claims, unless NULL, becomes
 * what it says.  Every call costs exactly one yescrypt computation, and one
 * more where the password was changed while it was checked; one that
 * succeeds within the second of a new password or a revocation waits for the
 * next.  V2M_DENIED: "invalid credentials", the same for an unknown e-mail. */
char *v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* Put a new password in place of the old one, which must be right, end the
 * tokens issued before, and mint one as v2m_session_login() does.  NULL:
 * V2M_DENIED as there; V2M_USAGE: the new one is not acceptable
 * (auth/legacy.h), or is the old one; with any other code the message tells
 * where the password was changed all the same. */
char *v2m_session_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err);

/* v2m_session_login() without a password, for the administrator.  lifetime_s 0:
 * token_lifetime.  V2M_NOINPUT: no such user; V2M_USAGE: no e-mail. */
char *v2m_session_mint(const struct v2m_conf *conf, const char *email,
    int64_t lifetime_s, struct v2m_claims *claims, struct v2m_err *err);

/* Whose token is this, and does it still count: v2m_token_verify(), and the
 * user is still there, was not revoked since, and his role is the one the
 * database says. */
int v2m_session_check(const struct v2m_conf *conf, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* The second half of that, for claims that were verified before: username and
 * issued_s are read, and admin is set. */
int v2m_session_confirm(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* Who is logged in here: v2m_token_in_use() and v2m_session_check(). */
int v2m_session_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

#endif
