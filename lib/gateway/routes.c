/* routes.c - the routes there are, a line each, by path. */
#include "gateway/health.h"
#include "gateway/server.h"

const struct v2m_route v2m_routes[] = {
	{ "GET", "/healthz", .metrics = true, .end = v2m_health_get },
	{ .path = NULL }
};

const struct v2m_gateway_part *const v2m_gateway_parts[] = {
	NULL
};
