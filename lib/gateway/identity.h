/* identity.h - who sends a request: the token of its Authorization header. */
#ifndef V2M_GATEWAY_IDENTITY_H
#define V2M_GATEWAY_IDENTITY_H

#include <stdbool.h>

#include "auth/token.h"
#include "gateway/server.h"

/* Check the token.  false: answered, 401 where there is none, 403 where it is
 * not valid.  Else *identity is set, and the log's line names the user. */
bool v2m_identity(struct v2m_rq *rq, struct v2m_claims *identity);

/* WWW-Authenticate for a 401 that follows, unless a page asks: its browser
 * would put its own dialogue up. */
void v2m_identity_challenge(struct v2m_rq *rq, const char *scheme);

#endif
