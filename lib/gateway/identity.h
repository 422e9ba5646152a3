/* identity.h - the user of a request, by the token in its Authorization. */
#ifndef V2M_GATEWAY_IDENTITY_H
#define V2M_GATEWAY_IDENTITY_H

#include <stdbool.h>

#include "auth/token.h"
#include "gateway/server.h"

/* Check the token.  false: answered, with 401 if there is none, 403 if it is
 * not valid.  Else *identity is set, and the line in the log names the user. */
bool v2m_identity(struct v2m_rq *rq, struct v2m_claims *identity);

/* The same for a route of administrators: 403 for other users. */
bool v2m_identity_admin(struct v2m_rq *rq, struct v2m_claims *identity);

/* Add WWW-Authenticate to the 401 that follows; not for a script of a page, as
 * the browser would show its own dialogue. */
void v2m_identity_challenge(struct v2m_rq *rq, const char *scheme);

#endif
