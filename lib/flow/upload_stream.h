/* upload_stream.h - an upload whose bytes are sent, as a gateway gets them.
 *
 * The connection that they come by may break.  In order: a reservation in the
 * owner's quota; record `new`; partial upload; bytes; and once all are there, a
 * check for sound, the message, record `queued`.  Only
 * v2m_upload_stream_finish_end() makes it a job.  Whatever dies meanwhile,
 * nothing stays that v2m-prune does not find.
 *
 * A resumable one outlives its connection, its process and its machine: until
 * upload_expires after its last bytes anybody who knows its ID, and is allowed
 * to, can go on with it from what was saved.  One that is not resumable ends
 * with its connection: v2m_upload_stream_abort() removes it, or v2m-prune
 * after some minutes, where that could not be called.
 *
 * A struct v2m_upload_stream holds no connection to a service: each call is
 * given one to work with.  It belongs to one thread at a time; calls block.
 */
#ifndef V2M_FLOW_UPLOAD_STREAM_H
#define V2M_FLOW_UPLOAD_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"
#include "media/settings.h"
#include "store/partial.h"

struct v2m_upload_stream;

struct v2m_upload_stream_request {
	const char *owner;		/* a normalised e-mail */
	const char *name;		/* the file's name, any bytes */
	struct v2m_settings settings;
	int64_t length;			/* bytes to come; -1: unknown */
	int64_t most;			/* where unknown: not more than this
					 * (a body's length); 0: max_upload */
	bool hold;			/* store, do not queue */
	bool skip_existing;		/* take the owner's equal live job */
	bool resumable;
	bool unlimited;			/* no quota holds for the owner */
	const char *text;		/* kept with a resumable one, for who
					 * goes on with it; NULL: none */
};

/* Why it was refused, for callers with a status of their own for each. */
enum v2m_upload_refusal {
	V2M_UPLOAD_OTHER,		/* as the code of the error says */
	V2M_UPLOAD_LENGTH,		/* empty, or over max_upload */
	V2M_UPLOAD_BYTES,		/* max_user_bytes */
	V2M_UPLOAD_JOBS,		/* max_user_jobs, _unfinished */
	V2M_UPLOAD_ROOM,		/* the disk is full */
	V2M_UPLOAD_CONTENT,		/* no media, or no sound in it */
	V2M_UPLOAD_EXPIRED,		/* not continued for upload_expires */
	V2M_UPLOAD_TAKEN,		/* another connection continues it */
	V2M_UPLOAD_MAYBE,		/* It is not known: it may be a job */
};

/* Begin, after all checks that need no byte of it.  NULL: V2M_DATA, V2M_TEMP,
 * ... with *why, and nothing stays.  Free with v2m_upload_stream_free(). */
struct v2m_upload_stream *v2m_upload_stream_begin(struct v2m_services *s,
    const struct v2m_upload_stream_request *ask, enum v2m_upload_refusal *why,
    struct v2m_err *err);

/* --- a resumable one, by its record, which the caller may see --- */

enum v2m_upload_stage {
	V2M_UPLOAD_COMING,		/* bytes are to come */
	V2M_UPLOAD_STORED,		/* all are there: finish it */
	V2M_UPLOAD_ACCEPTED,		/* it is a job */
};

struct v2m_upload_stream_state {
	enum v2m_upload_stage stage;
	int64_t offset;			/* bytes that are durable */
	int64_t length;			/* -1: unknown */
	int64_t until;			/* wall ms; 0: it does not expire */
	char text[V2M_PARTIAL_TEXT];
};

/* How much of it is there?  Whoever sends it is not disturbed.  V2M_NOINPUT:
 * there is no such upload, or it has expired (*why), or was removed. */
int v2m_upload_stream_inspect(struct v2m_services *s,
    const struct v2m_record *record, struct v2m_upload_stream_state *state,
    enum v2m_upload_refusal *why, struct v2m_err *err);

/* Continue it, from the last save.  Any other struct for the same upload is
 * refused from then on (V2M_UPLOAD_TAKEN).  NULL: as
 * v2m_upload_stream_inspect(). */
struct v2m_upload_stream *v2m_upload_stream_resume(struct v2m_services *s,
    const struct v2m_record *record, enum v2m_upload_refusal *why,
    struct v2m_err *err);

/* --- what is known of it, without a service --- */

const struct v2m_record *v2m_upload_stream_record(
    const struct v2m_upload_stream *r);
enum v2m_upload_stage v2m_upload_stream_stage(
    const struct v2m_upload_stream *r);
int64_t v2m_upload_stream_offset(const struct v2m_upload_stream *r);

/* Of these bytes, how many are durable. */
int64_t v2m_upload_stream_saved(const struct v2m_upload_stream *r);

/* -1: unknown. */
int64_t v2m_upload_stream_length(const struct v2m_upload_stream *r);

/* When it expires, wall ms. */
int64_t v2m_upload_stream_until(const struct v2m_upload_stream *r);

/* Why the last call failed. */
enum v2m_upload_refusal v2m_upload_stream_refusal(
    const struct v2m_upload_stream *r);

/* Set what a form says only after the first bytes: the file's name, perhaps the
 * settings.  Before it is finished; not of a resumable one. */
void v2m_upload_stream_set_name(struct v2m_upload_stream *r, const char *name);
void v2m_upload_stream_set_settings(struct v2m_upload_stream *r,
    const struct v2m_settings *settings);

/* --- bytes --- */

/* Would n more bytes only be buffered?  Then
 * v2m_upload_stream_write() may be called with s NULL: no connection need be
 * taken for them. */
bool v2m_upload_stream_gathers(const struct v2m_upload_stream *r, size_t n);

/* V2M_DATA: longer than announced or allowed.  V2M_UPLOAD_ROOM: the disk is
 * full; what came before is as it was, and can be saved.  After another failure
 * it can only be aborted, or resumed anew. */
int v2m_upload_stream_write(struct v2m_upload_stream *r, struct v2m_services *s,
    const void *buf, size_t n, struct v2m_err *err);

/* Say the length of one that began without.  V2M_DATA: over the limits, less
 * than came, or another than is known. */
int v2m_upload_stream_set_length(struct v2m_upload_stream *r,
    struct v2m_services *s, int64_t length, struct v2m_err *err);

/* Make what came durable, and live on for upload_expires.  leave: at the end of
 * a connection; whoever goes on resumes it. */
int v2m_upload_stream_save(struct v2m_upload_stream *r, struct v2m_services *s,
    bool leave, struct v2m_err *err);

/* Forget what came since this struct began or resumed it, and leave it as it
 * was then.  Somebody else who has it by now keeps what he has
 * (V2M_UPLOAD_TAKEN). */
int v2m_upload_stream_rewind(struct v2m_upload_stream *r,
    struct v2m_services *s, struct v2m_err *err);

/* --- its end --- */

/* Can it be gone on with after its connection? */
bool v2m_upload_stream_is_resumable(const struct v2m_upload_stream *r);

/* All bytes are there, but it may take long until it can be finished: so that
 * it does not end as one to which nobody sends. */
int v2m_upload_stream_complete(struct v2m_upload_stream *r,
    struct v2m_services *s, struct v2m_err *err);

/* All bytes are there: make it a job, in two steps, between which the caller
 * may look whether there is sound in the stored video of that ID.
 *
 * The first: 1 the second is to follow; 0 it is a job already, perhaps
 * (*existed) another equal one of the owner's (its record is
 * v2m_upload_stream_record()'s); -1.  The second: refused is why it shall be
 * none, or NULL; *err is the same then.
 *
 * Refused for good (V2M_DATA, ...), nothing stays.  A service is away
 * (v2m_err_retry()): a resumable one stays, and can be resumed and finished
 * later; of another nothing stays.  V2M_UPLOAD_TAKEN: somebody else finishes
 * it.  V2M_UPLOAD_MAYBE: its message may be out, and could not be called back.
 */
int v2m_upload_stream_finish_begin(struct v2m_upload_stream *r,
    struct v2m_services *s, bool *existed, struct v2m_err *err);
int v2m_upload_stream_finish_end(struct v2m_upload_stream *r,
    struct v2m_services *s, const struct v2m_err *refused,
    struct v2m_err *err);

/* Remove it, unless it is a job. */
int v2m_upload_stream_abort(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err);

/* Free the memory; the store is as it is.  NULL is fine. */
void v2m_upload_stream_free(struct v2m_upload_stream *r);

/* For v2m-prune: a part whose time is over, and the record and the reservation
 * that belong to it.  1 removed; 0 it lives, or is a job. */
int v2m_upload_stream_expire(struct v2m_services *s, const char *id,
    struct v2m_err *err);

#endif
