/* session.h - logging in, which makes a token, and checking that it is still
 * valid.  Thread-safe. */
#ifndef V2M_AUTH_SESSION_H
#define V2M_AUTH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"

/* Check e-mail and password, and make a token for token_lifetime (caller wipes
 * and frees).  claims, unless NULL, becomes its claims.  Every call makes
 * exactly one yescrypt computation, and another if the password was changed
 * while it was checked.  In the second in which a password was changed, or
 * tokens were revoked, it waits for the next second.  V2M_DENIED: "invalid
 * credentials", the same for an unknown e-mail. */
char *v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* May passwords be changed now?  Asked before the change with begun 0; and
 * after it, with the time of the first call (v2m_boot_ms()): did it not take
 * too long? 0, -1. */
typedef int v2m_session_permit(const struct v2m_conf *conf, int64_t begun,
    struct v2m_err *err);

/* Change a password; the old one must be right.  All tokens issued before end,
 * and a new one is made as by v2m_session_login().  permit(), unless NULL, is
 * called when the old password was right, and at the end.  NULL: the error of
 * permit(); V2M_DENIED, as above; V2M_USAGE: the new one is not acceptable
 * (auth/legacy.h), or equals the old one.  With other codes, the message says
 * if the password was changed nevertheless. */
char *v2m_session_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, v2m_session_permit *permit,
    struct v2m_claims *claims, struct v2m_err *err);

/* Make a token without a password, for administrators.  lifetime_s 0:
 * token_lifetime.  V2M_NOINPUT: no such user; V2M_USAGE: not an e-mail
 * address. */
char *v2m_session_mint(const struct v2m_conf *conf, const char *email,
    int64_t lifetime_s, struct v2m_claims *claims, struct v2m_err *err);

/* Is the token still valid, and whose is it?  As v2m_token_verify(); and the
 * user must exist, and must not have been revoked since.  The role becomes the
 * one in the database. */
int v2m_session_check(const struct v2m_conf *conf, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* The second half of that, for claims that were verified before: reads username
 * and issued_s, and sets admin. */
int v2m_session_confirm(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* The user who is logged in here: v2m_token_in_use() and
 * v2m_session_check(). */
int v2m_session_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

#endif
