/* routes.c - the table of routes: those of the page, then the others by
 * path. */
#include "gateway/admin.h"
#include "gateway/handlers.h"
#include "gateway/health.h"
#include "gateway/page.h"
#include "gateway/server.h"
#include "gateway/tus.h"

#define PAGE(symbol, path, file, type) { "GET", path, .end = v2m_page_get },

const struct v2m_route v2m_routes[] = {
#include "gateway/page_list.h"
	{ "GET", "/admin/check", .end = v2m_admin_check_get },
	{ "POST", "/admin/drop", .end = v2m_admin_drop_post },
	{ "GET", "/admin/failures", .end = v2m_admin_failures_get },
	{ "GET", "/admin/job", .end = v2m_admin_job_get },
	{ "GET", "/admin/lost", .end = v2m_admin_lost_get },
	{ "GET", "/admin/notices", .end = v2m_admin_notices_get },
	{ "POST", "/admin/requeue", .end = v2m_admin_requeue_post },
	{ "POST", "/admin/tell", .end = v2m_admin_tell_post },
	{ "GET", "/admin/users", .end = v2m_admin_users_get },
	{ "GET", "/admin/workers", .end = v2m_admin_workers_get },
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
	{ "POST", "/login", .end = v2m_login_post },
	{ "GET", "/me", .end = v2m_me_get },
	{ "GET", "/metrics", .metrics = true, .end = v2m_metrics_get },
	{ "POST", "/password", .begin = v2m_password_begin,
	    .body = v2m_password_body, .end = v2m_password_end,
	    .release = v2m_password_release },
	{ "GET", "/readyz", .metrics = true, .end = v2m_metrics_ready },
	{ "GET", "/status", .end = v2m_status_get },
	{ "POST", "/ticket", .end = v2m_ticket_post },
	{ "POST", "/upload", .begin = v2m_upload_begin_form,
	    .body = v2m_upload_body, .end = v2m_upload_end,
	    .release = v2m_upload_release },
	{ "PUT", "/upload/", .prefix = true, .begin = v2m_upload_begin_raw,
	    .body = v2m_upload_body, .end = v2m_upload_end,
	    .release = v2m_upload_release },
	{ "POST", "/validate", .end = v2m_validate_post },
	{ "GET", "/zip", .end = v2m_zip_get, .release = v2m_zip_release },
	{ "POST", "/zip", .begin = v2m_zip_begin, .body = v2m_zip_body,
	    .end = v2m_zip_end, .release = v2m_zip_release },
	{ .path = NULL }
};
