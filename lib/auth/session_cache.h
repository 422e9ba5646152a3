/* session_cache.h - remembers checked tokens for a few seconds.
 *
 * v2m_session_check() asks the database of users; with a hundred requests a
 * second of one user, that is not needed for each.  So if a token is ended by a
 * new password or by v2m-user revoke, that is noticed within
 * V2M_SESSION_CACHE_MS; its own expiry at once.  Only valid tokens are
 * remembered, by a keyed hash.  Thread-safe.
 */
#ifndef V2M_AUTH_SESSION_CACHE_H
#define V2M_AUTH_SESSION_CACHE_H

#include "auth/session.h"

#define V2M_SESSION_CACHE_MS 3000

struct v2m_session_cache;

/* conf is borrowed.  NULL: V2M_TEMP. */
struct v2m_session_cache *v2m_session_cache_new(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_session_cache_free(struct v2m_session_cache *c); /* NULL is fine */

/* As v2m_session_check(). */
int v2m_session_cache_check(struct v2m_session_cache *c, const char *token,
    struct v2m_claims *claims, struct v2m_err *err);

#endif
