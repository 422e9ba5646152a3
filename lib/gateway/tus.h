/* tus.h - resumable uploads at /files/, by the tus protocol 1.0.0
 * (https://tus.io/protocols/resumable-upload): core, creation (with upload,
 * with deferred length), termination, expiration, checksum.
 *
 * tus.c: HEAD, DELETE, OPTIONS, and what the three files share; tus_create.c:
 * POST; tus_bytes.c: the bytes of PATCH, and of a POST that has some.
 */
#ifndef V2M_GATEWAY_TUS_H
#define V2M_GATEWAY_TUS_H

#include "auth/token.h"
#include "flow/upload_stream.h"
#include "gateway/server.h"
#include "http/tus.h"

/* --- routes --- */

void v2m_tus_options(struct v2m_rq *rq);
void v2m_tus_head(struct v2m_rq *rq);
void v2m_tus_delete(struct v2m_rq *rq);
void v2m_tus_post_begin(struct v2m_rq *rq);
void v2m_tus_patch_begin(struct v2m_rq *rq);
void v2m_tus_body(struct v2m_rq *rq, const void *buf, size_t n);
void v2m_tus_end(struct v2m_rq *rq);
void v2m_tus_release(struct v2m_rq *rq);

/* --- shared by the three files --- */

#define V2M_TUS_PATH "/files/"

/* The state of a request that brings bytes. */
struct v2m_tus {
	struct v2m_upload_stream *stream;
	bool created;			/* by this request */
	bool over;			/* nothing is left to save */
	bool summed;			/* it has a checksum */
	struct v2m_tus_sum sum;
	int64_t came;			/* bytes of this request */
	int64_t saved_at;		/* monotonic ms */
};

/* Check the token and the version of tus.  false: answered. */
bool v2m_tus_enter(struct v2m_rq *rq, struct v2m_claims *identity);

/* Make that state for the request.  NULL: answered, 503. */
struct v2m_tus *v2m_tus_begin(struct v2m_rq *rq);

/* The ID behind /files/; NULL: answered, 404. */
const char *v2m_tus_id(struct v2m_rq *rq);

/* Does the Content-Type say that the body is bytes of an upload? */
bool v2m_tus_has_bytes(const struct v2m_rq *rq);

/* Read the header Upload-Checksum, if there is one.  false: answered. */
bool v2m_tus_take_sum(struct v2m_rq *rq, struct v2m_tus *t);

/* The headers Upload-Offset and Upload-Expires of the answer. */
void v2m_tus_reply_offset(struct v2m_rq *rq, int64_t offset, int64_t until_ms);

/* 423: another request is finishing it. */
void v2m_tus_reply_locked(struct v2m_rq *rq);

/* Make a job of a complete upload.  false: answered. */
bool v2m_tus_finish(struct v2m_rq *rq, struct v2m_upload_stream *r);

/* Does the header X-HTTP-Method-Override say this method?  For clients behind a
 * proxy that knows only the common methods. */
bool v2m_tus_overrides(const struct v2m_rq *rq, const char *method);

#endif
