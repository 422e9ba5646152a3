/* cors.h - headers for pages of other origins, which cors_origins allows.
 *
 * The gateway has no cookies, so a page may do what its token allows; the
 * browser is never asked for credentials. */
#ifndef V2M_GATEWAY_CORS_H
#define V2M_GATEWAY_CORS_H

#include "base/conf.h"
#include "base/err.h"
#include "gateway/server.h"

/* Is each of cors_origins an origin, as browsers send it, or '*'?  V2M_CONFIG
 * names one that is not. */
int v2m_cors_check(const struct v2m_conf *conf, struct v2m_err *err);

/* Add the headers for the request's Origin to the answer.  Does nothing if
 * cors_origins does not name it. */
void v2m_cors(struct v2m_rq *rq);

#endif
