/* health.h - GET /healthz: is the gateway there?  Asks no other service, so
 * that an orchestrator does not restart the gateway for what they do. */
#ifndef V2M_GATEWAY_HEALTH_H
#define V2M_GATEWAY_HEALTH_H

#include "gateway/server.h"

void v2m_health_get(struct v2m_rq *rq);

#endif
