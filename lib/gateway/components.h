/* components.h - starting and stopping all v2m_gateway_components. */
#ifndef V2M_GATEWAY_COMPONENTS_H
#define V2M_GATEWAY_COMPONENTS_H

#include "base/conf.h"
#include "base/err.h"
#include "gateway/pool.h"

/* Start all, and the thread that calls their ticks.  On failure those that
 * were started are stopped. */
int v2m_components_start(const struct v2m_conf *conf, struct v2m_pool *pool,
    struct v2m_err *err);
void v2m_components_stop(void);

#endif
