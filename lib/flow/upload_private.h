/* upload_private.h - for the files of upload_stream.h alone. */
#ifndef V2M_FLOW_UPLOAD_PRIVATE_H
#define V2M_FLOW_UPLOAD_PRIVATE_H

#include "flow/quota.h"
#include "flow/upload_stream.h"

/* The first character of the text that is stored with a partial upload, before
 * the caller's text: skip_existing or not. */
#define V2M_UPLOAD_SKIP 's'
#define V2M_UPLOAD_PLAIN '-'

struct v2m_upload_stream {
	struct v2m_record record;
	struct v2m_partial partial;
	enum v2m_upload_stage stage;
	enum v2m_upload_refusal why;
	bool resumable, skip_existing;
	bool unlimited;		/* no quota for its owner; known only if it
				 * began in this process */
	bool is_bounded;	/* an upper bound of its length is known */
	int64_t reserved;	/* bytes, of the owner's quota */
	int64_t sign_at;	/* monotonic ms: the reservation was renewed */
	struct v2m_object video;	/* as it was stored */
	/* The state when it began or was resumed here, for a rewind. */
	int64_t start;
	bool start_hashed;
	struct v2m_sha256 start_hash;
	int64_t renewed_at;	/* monotonic ms: the record's lease was
				 * renewed */
};

/* How long an upload and its reservation are kept after the last renewal,
 * ms. */
int64_t v2m_upload_lease(const struct v2m_services *s, bool resumable);

/* Is this length allowed?  V2M_DATA. */
int v2m_upload_check(struct v2m_services *s, int64_t length,
    struct v2m_err *err);

/* Is there a partial upload?  Not any more when it became the video. */
bool v2m_upload_is_partial(const struct v2m_upload_stream *r);

/* Remember the state, for v2m_upload_stream_rewind(). */
void v2m_upload_remember(struct v2m_upload_stream *r);

/* Set err: V2M_NOINPUT, no such upload.  Returns -1. */
int v2m_upload_missing(struct v2m_err *err);

/* The refusal for a verdict of the quota. */
enum v2m_upload_refusal v2m_upload_why(enum v2m_quota_verdict verdict);

/* Reserve the quota of a new upload: all of it if its length is known, else a
 * part, which v2m_upload_reserve_more() extends while bytes come.  If it does
 * not fit, the owner's oldest idle uploads are removed. */
int v2m_upload_reserve(struct v2m_services *s, struct v2m_upload_stream *r,
    enum v2m_quota_verdict *verdict, struct v2m_err *err);

/* Extend the reservation to `need` bytes or more.  On failure r->why is set. */
int v2m_upload_reserve_more(struct v2m_services *s,
    struct v2m_upload_stream *r, int64_t need, struct v2m_err *err);

/* The same when the length has become known. */
int v2m_upload_reserve_length(struct v2m_services *s,
    struct v2m_upload_stream *r, int64_t length, struct v2m_err *err);

/* Undo all steps.  v2m-prune finds what cannot be undone now. */
void v2m_upload_undo(struct v2m_services *s,
    struct v2m_upload_stream *r, bool message_out);

/* Remove the upload of this ID, whichever process has it, unless it is a job.
 * 1; -1. */
int v2m_upload_drop(struct v2m_services *s, const char *id,
    struct v2m_err *err);

#endif
