/* upload_private.h - for the files of upload_stream.h alone. */
#ifndef V2M_FLOW_UPLOAD_PRIVATE_H
#define V2M_FLOW_UPLOAD_PRIVATE_H

#include "flow/upload_stream.h"

/* In front of the caller's text in a partial upload. */
#define V2M_UPLOAD_SKIP 's'
#define V2M_UPLOAD_PLAIN '-'

struct v2m_upload_stream {
	struct v2m_record record;
	struct v2m_partial partial;
	enum v2m_upload_stage stage;
	enum v2m_upload_refusal why;
	bool resumable, skip_existing;
	bool unlimited;		/* its owner is; where it began here */
	int64_t sign_at;	/* monotonic ms of the last sign of life */
	struct v2m_object video;	/* as it was stored */
	/* Where it stood when we got it. */
	int64_t start;
	bool start_hashed;
	struct v2m_sha256 start_hash;
	int64_t renewed_at;	/* the same of the record's lease */
};

/* How long it lives behind its last sign of life. */
int64_t v2m_upload_lease(const struct v2m_services *s, bool resumable);

/* May it be as long as that?  V2M_DATA. */
int v2m_upload_check(struct v2m_services *s, int64_t length,
    struct v2m_err *err);

/* There is a partial upload. */
bool v2m_upload_is_partial(const struct v2m_upload_stream *r);

/* A rewind leads back to here. */
void v2m_upload_remember(struct v2m_upload_stream *r);

/* -1: V2M_NOINPUT. */
int v2m_upload_missing(struct v2m_err *err);

/* Undo what there is.  What cannot be undone now is found by v2m-prune. */
void v2m_upload_undo(struct v2m_services *s,
    struct v2m_upload_stream *r, bool message_out);

/* Remove one, whoever has it, unless it is a job.  1; -1. */
int v2m_upload_drop(struct v2m_services *s, const char *id,
    struct v2m_err *err);

#endif
