/* handlers.h - the routes that use lib/flow, by file.  v2m-gateway(8) describes
 * their answers. */
#ifndef V2M_GATEWAY_HANDLERS_H
#define V2M_GATEWAY_HANDLERS_H

#include "gateway/server.h"

/* login.c: POST /login */
void v2m_login_post(struct v2m_rq *rq);

/* Answer a request that has address and password in its Authorization with a
 * token.  new_password, unless NULL, becomes the password before. */
void v2m_login(struct v2m_rq *rq, const char *new_password);

/* password.c: POST /password */
void v2m_password_begin(struct v2m_rq *rq);
void v2m_password_body(struct v2m_rq *rq, const void *buf, size_t n);
void v2m_password_end(struct v2m_rq *rq);
void v2m_password_release(struct v2m_rq *rq);

/* validate.c: POST /validate */
void v2m_validate_post(struct v2m_rq *rq);

/* me.c: GET /me */
void v2m_me_get(struct v2m_rq *rq);

/* upload.c: POST /upload, PUT /upload/NAME */
void v2m_upload_begin_form(struct v2m_rq *rq);
void v2m_upload_begin_raw(struct v2m_rq *rq);
void v2m_upload_body(struct v2m_rq *rq, const void *buf, size_t n);
void v2m_upload_end(struct v2m_rq *rq);
void v2m_upload_release(struct v2m_rq *rq);

/* download.c: GET /download */
void v2m_download_get(struct v2m_rq *rq);
void v2m_download_release(struct v2m_rq *rq);

/* status.c: GET /status */
void v2m_status_get(struct v2m_rq *rq);

/* delete_job.c: DELETE /files?fid=ID (below /files/ is tus.c) */
void v2m_delete_job(struct v2m_rq *rq);

/* ticket.c: POST /ticket */
void v2m_ticket_post(struct v2m_rq *rq);

/* zip.c: POST /zip, GET /zip */
void v2m_zip_begin(struct v2m_rq *rq);
void v2m_zip_body(struct v2m_rq *rq, const void *buf, size_t n);
void v2m_zip_end(struct v2m_rq *rq);
void v2m_zip_get(struct v2m_rq *rq);
void v2m_zip_release(struct v2m_rq *rq);

/* metrics.c: GET /metrics, GET /readyz */
void v2m_metrics_get(struct v2m_rq *rq);
void v2m_metrics_ready(struct v2m_rq *rq);

#endif
