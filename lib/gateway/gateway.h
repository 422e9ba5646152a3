/* gateway.h - what the module `gateway` exports.  The module is all of
 * lib/gateway: libmicrohttpd, and the routes. */
#ifndef V2M_GATEWAY_GATEWAY_H
#define V2M_GATEWAY_GATEWAY_H

#include "base/conf.h"
#include "base/err.h"

struct v2m_gateway {
	/* Serve until a signal comes and the running requests have ended, or
	 * until a second signal (base/stop.h).  Call v2m_stop_init() before.
	 * -1: it could not start: V2M_CONFIG, V2M_UNAVAILABLE (the address is
	 * in use), V2M_DENIED, V2M_TEMP. */
	int (*run)(const struct v2m_conf *conf, struct v2m_err *err);
};

/* The symbol that v2m_module("gateway", "v2m_gateway") finds. */
extern const struct v2m_gateway v2m_gateway;

#endif
