/* session_cache.h - checks of tokens, remembered for a few seconds.
 *
 * v2m_session_check() asks the users database; who sends a hundred requests a
 * second need not be looked up for each.  So what ends a token (a new password,
 * v2m-user revoke) is noticed within V2M_SESSION_CACHE_MS; its own end at once.
 * Only tokens that are good are remembered, by a keyed hash.  Thread-safe.
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
