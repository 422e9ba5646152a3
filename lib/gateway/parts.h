/* parts.h - what runs beside the requests: v2m_gateway_parts. */
#ifndef V2M_GATEWAY_PARTS_H
#define V2M_GATEWAY_PARTS_H

#include "base/conf.h"
#include "base/err.h"
#include "gateway/pool.h"

/* Start all, and the thread that calls their ticks.  On failure those that
 * were started are stopped. */
int v2m_parts_start(const struct v2m_conf *conf, struct v2m_pool *pool,
    struct v2m_err *err);
void v2m_parts_stop(void);

#endif
