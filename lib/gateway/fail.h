/* fail.h - errors of lib/flow as HTTP answers.
 *
 * A message that concerns the client is sent to it.  Trouble of the service (a
 * service that is away, with its address; a full disk, with its folder; a bug)
 * is logged with the ID of the request, and the client is only told whether to
 * try again.
 */
#ifndef V2M_GATEWAY_FAIL_H
#define V2M_GATEWAY_FAIL_H

#include "flow/upload_stream.h"
#include "gateway/server.h"

/* Answer with the status for the code: 400 usage, protocol; 403 denied; 404 no
 * such ID; 410 failed; 422 data; 503 with Retry-After temporary; else 500. */
void v2m_fail(struct v2m_rq *rq, const struct v2m_err *err);

/* For trouble of the service: log err, and answer with the message `said` and
 * status 503 or 500. */
void v2m_fail_say(struct v2m_rq *rq, int status, const struct v2m_err *err,
    struct v2m_err *said);

/* The same for an upload: 413 too large, 429 too many jobs, 507 no room. */
void v2m_fail_upload(struct v2m_rq *rq, enum v2m_upload_refusal why,
    const struct v2m_err *err);

/* 503 with Location and V2M-State: the upload may be a job or not. */
void v2m_fail_maybe(struct v2m_rq *rq, const char *id,
    const struct v2m_err *err);

/* Answer with a message that says what the client did wrong. */
void v2m_fail_text(struct v2m_rq *rq, int status, enum v2m_code code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Add the header Retry-After to the answer that follows. */
void v2m_fail_retry_after(struct v2m_rq *rq, int64_t seconds);

/* A parameter that must be an ID.  NULL: answered, 400 "KEY is required", or
 * 404 if it is not an ID, as for an ID that does not exist. */
const char *v2m_fail_or_id(struct v2m_rq *rq, const char *key);

#endif
