/* session.h - who is speaking: the kept token, and the login that makes one.
 *
 * The token is kept in $XDG_STATE_HOME/v2m/ (else ~/.local/state/v2m/), 0600,
 * one per url or STATE; V2M_TOKEN wins over it.
 */
#ifndef V2M_AUTH_SESSION_H
#define V2M_AUTH_SESSION_H

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"

/* Check address and password against the users database and mint a token
 * (caller frees).  Every call costs exactly one yescrypt computation.
 * V2M_DENIED: "invalid credentials", the same for an unknown address. */
char *v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_err *err);

/* Keep a token for later commands.  V2M_CANTCREATE. */
int v2m_session_keep(const struct v2m_conf *conf, const char *token,
    struct v2m_err *err);

/* The token in force (caller frees).  NULL: V2M_DENIED, "not logged in: run
 * v2m-login". */
char *v2m_session_token(const struct v2m_conf *conf, struct v2m_err *err);

/* Whose token is this, and does it still count: v2m_token_verify(), and the
 * user is still there, was not revoked since, and his role is the one the
 * database says. */
int v2m_session_check(const struct v2m_conf *conf, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* Who is logged in here: the two above together. */
int v2m_session_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

#endif
