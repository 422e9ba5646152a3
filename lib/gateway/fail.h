/* fail.h - errors of lib/flow as HTTP answers.
 *
 * The message goes to the client where it concerns the client.  What went wrong
 * inside (a service that is away, with its address; a disk that is full, with
 * its folder and what is free; a bug) goes to the log,
 * with the request's ID, and the client hears only whether to try again.
 */
#ifndef V2M_GATEWAY_FAIL_H
#define V2M_GATEWAY_FAIL_H

#include "flow/upload_stream.h"
#include "gateway/server.h"

/* Answer with the status that the code stands for: 400 usage, protocol; 403
 * denied; 404 no such ID; 410 failed; 422 data; 503 with Retry-After
 * temporary; else 500. */
void v2m_fail(struct v2m_rq *rq, const struct v2m_err *err);

/* The same for an upload: 413 too large, 429 too many jobs, 507 no room. */
void v2m_fail_upload(struct v2m_rq *rq, enum v2m_upload_refusal why,
    const struct v2m_err *err);

/* 503 with Location and V2M-State: the upload may be a job or not. */
void v2m_fail_maybe(struct v2m_rq *rq, const char *id,
    const struct v2m_err *err);

/* Answer with a message that says what the client did wrong. */
void v2m_fail_text(struct v2m_rq *rq, int status, enum v2m_code code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The header Retry-After, of whole seconds, for the next answer. */
void v2m_fail_retry_after(struct v2m_rq *rq, int64_t seconds);

/* A parameter that must be an ID.  NULL: answered, 400 "KEY is required", or
 * 404 for what is none, as for one that does not exist. */
const char *v2m_fail_or_id(struct v2m_rq *rq, const char *key);

#endif
