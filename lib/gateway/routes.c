/* routes.c - the routes there are, a line each, by path. */
#include "gateway/health.h"
#include "gateway/page.h"
#include "gateway/server.h"

const struct v2m_route v2m_routes[] = {
	{ "GET", "/", .end = v2m_page_get },
	{ "GET", "/api.js", .end = v2m_page_get },
	{ "GET", "/app.js", .end = v2m_page_get },
	{ "GET", "/desk.js", .end = v2m_page_get },
	{ "GET", "/healthz", .metrics = true, .end = v2m_health_get },
	{ "GET", "/icon.svg", .end = v2m_page_get },
	{ "GET", "/style.css", .end = v2m_page_get },
	{ "GET", "/upload.js", .end = v2m_page_get },
	{ "GET", "/words.js", .end = v2m_page_get },
	{ .path = NULL }
};

const struct v2m_gateway_part *const v2m_gateway_parts[] = {
	&v2m_page_part,
	NULL
};
