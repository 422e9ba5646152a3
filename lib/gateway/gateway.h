/* gateway.h - what the module `gateway` exports.  The module is all of
 * lib/gateway: libmicrohttpd, and the routes. */
#ifndef V2M_GATEWAY_GATEWAY_H
#define V2M_GATEWAY_GATEWAY_H

#include "base/conf.h"
#include "base/err.h"

struct v2m_gateway {
	/* Serve as conf says until the second of v2m_stop_count(), or until
	 * running requests have ended after the first.  v2m_stop_init() comes
	 * first.  -1 where it could not begin: V2M_CONFIG, V2M_UNAVAILABLE
	 * (the address is taken), V2M_DENIED, V2M_TEMP. */
	int (*run)(const struct v2m_conf *conf, struct v2m_err *err);
};

/* The symbol that v2m_module("gateway", "v2m_gateway") finds. */
extern const struct v2m_gateway v2m_gateway;

#endif
