/* session.h - who is speaking: the login that makes a token, the check that
 * it still counts, and where it is kept meanwhile.
 *
 * The token is kept in $XDG_STATE_HOME/v2m/token (else below ~/.local/state),
 * 0600, a line for each STATE and each `url`; V2M_TOKEN wins over it.
 */
#ifndef V2M_AUTH_SESSION_H
#define V2M_AUTH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"

/* --- tokens and accounts (session.c) --- */

/* Check address and password against the users database and mint a token, good
 * for token_lifetime (caller wipes and frees).  claims, unless NULL, becomes
 * what it says.  Every call costs exactly one yescrypt computation, and one
 * more where the password was changed while it was checked; one that
 * succeeds within the second of a new password or a revocation waits for the
 * next.  V2M_DENIED: "invalid credentials", the same for an unknown address. */
char *v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* The same without a password, for the administrator.  lifetime_s 0:
 * token_lifetime.  V2M_NOINPUT: no such user; V2M_USAGE: no address. */
char *v2m_session_mint(const struct v2m_conf *conf, const char *email,
    int64_t lifetime_s, struct v2m_claims *claims, struct v2m_err *err);

/* Whose token is this, and does it still count: v2m_token_verify(), and the
 * user is still there, was not revoked since, and his role is the one the
 * database says. */
int v2m_session_check(const struct v2m_conf *conf, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

/* Who is logged in here: v2m_session_token() and v2m_session_check(). */
int v2m_session_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* --- the kept token (keep.c) --- */

/* Keep a token for later commands, in place of the one for the same STATE.
 * V2M_CANTCREATE; V2M_DENIED, also for what does not look like a token;
 * V2M_CONFIG where others can read the file. */
int v2m_session_keep(const struct v2m_conf *conf, const char *token,
    struct v2m_err *err);

/* Drop it again; *was, unless NULL, tells whether there was one. */
int v2m_session_forget(const struct v2m_conf *conf, bool *was,
    struct v2m_err *err);

/* The token in force (caller wipes and frees).  NULL: V2M_DENIED, "not logged
 * in: run v2m-login"; V2M_CONFIG where others can read the file. */
char *v2m_session_token(const struct v2m_conf *conf, struct v2m_err *err);

#endif
