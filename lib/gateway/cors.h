/* cors.h - headers for pages of the other origins that cors_origins allows.
 *
 * There are no cookies here, so what a page may do is what its token may do;
 * credentials of the browser's own are never asked for. */
#ifndef V2M_GATEWAY_CORS_H
#define V2M_GATEWAY_CORS_H

#include "base/conf.h"
#include "base/err.h"
#include "gateway/server.h"

/* Is each of cors_origins an origin, as browsers send it, or '*'?  V2M_CONFIG:
 * which is not. */
int v2m_cors_check(const struct v2m_conf *conf, struct v2m_err *err);

/* Add to an answer what its request's Origin asks for.  Nothing, where
 * cors_origins is empty or does not name it. */
void v2m_cors(struct v2m_rq *rq);

#endif
