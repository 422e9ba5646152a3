/* routes.c - the routes there are, a line each, by path. */
#include "gateway/handlers.h"
#include "gateway/health.h"
#include "gateway/page.h"
#include "gateway/server.h"
#include "gateway/tus.h"

const struct v2m_route v2m_routes[] = {
	{ "GET", "/", .end = v2m_page_get },
	{ "GET", "/api.js", .end = v2m_page_get },
	{ "GET", "/app.js", .end = v2m_page_get },
	{ "GET", "/desk.js", .end = v2m_page_get },
	{ "GET", "/download", .end = v2m_download_get,
	    .release = v2m_download_release },
	{ "DELETE", "/files", .end = v2m_delete_job },
	{ "DELETE", "/files/", .prefix = true, .end = v2m_tus_delete },
	{ "HEAD", "/files/", .prefix = true, .end = v2m_tus_head },
	{ "OPTIONS", "/files/", .prefix = true, .end = v2m_tus_options },
	{ "PATCH", "/files/", .prefix = true, .begin = v2m_tus_patch_begin,
	    .body = v2m_tus_body, .end = v2m_tus_end,
	    .release = v2m_tus_release },
	{ "POST", "/files/", .prefix = true, .begin = v2m_tus_post_begin,
	    .body = v2m_tus_body, .end = v2m_tus_end,
	    .release = v2m_tus_release },
	{ "GET", "/healthz", .metrics = true, .end = v2m_health_get },
	{ "GET", "/icon.svg", .end = v2m_page_get },
	{ "POST", "/login", .end = v2m_login_post },
	{ "GET", "/metrics", .metrics = true, .end = v2m_metrics_get },
	{ "POST", "/password", .begin = v2m_password_begin,
	    .body = v2m_password_body, .end = v2m_password_end,
	    .release = v2m_password_release },
	{ "GET", "/readyz", .metrics = true, .end = v2m_metrics_ready },
	{ "GET", "/status", .end = v2m_status_get },
	{ "GET", "/style.css", .end = v2m_page_get },
	{ "POST", "/ticket", .end = v2m_ticket_post },
	{ "POST", "/upload", .begin = v2m_upload_begin_form,
	    .body = v2m_upload_body, .end = v2m_upload_end,
	    .release = v2m_upload_release },
	{ "GET", "/upload.js", .end = v2m_page_get },
	{ "PUT", "/upload/", .prefix = true, .begin = v2m_upload_begin_raw,
	    .body = v2m_upload_body, .end = v2m_upload_end,
	    .release = v2m_upload_release },
	{ "POST", "/validate", .end = v2m_validate_post },
	{ "GET", "/words.js", .end = v2m_page_get },
	{ .path = NULL }
};
