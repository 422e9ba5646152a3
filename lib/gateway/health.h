/* health.h - GET /healthz: does the gateway work?  No other service is asked,
 * so that an orchestrator does not restart the gateway if one of them is
 * away. */
#ifndef V2M_GATEWAY_HEALTH_H
#define V2M_GATEWAY_HEALTH_H

#include "gateway/server.h"

void v2m_health_get(struct v2m_rq *rq);

#endif
