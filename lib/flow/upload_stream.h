/* upload_stream.h - an upload whose bytes are sent to a gateway, by a
 * connection that may break.
 *
 * The order is: a reservation in the owner's quota; record `new`; partial
 * upload; bytes; and when all have come, a check for sound, the message, record
 * `queued`.  Only v2m_upload_stream_finish_end() makes a job of it.  If a
 * process dies meanwhile, v2m-prune finds everything that is left.
 *
 * A resumable upload survives its connection, its process and its machine: it
 * can be resumed from what was saved, until upload_expires after its last
 * bytes.  One that is not resumable ends with its connection:
 * v2m_upload_stream_abort() removes it, or else v2m-prune, after some minutes.
 *
 * A struct v2m_upload_stream has no connection to a service: each call is given
 * one.  It belongs to one thread at a time; calls block.
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
	int64_t most;			/* if unknown: not more than this (a
					 * body's length); 0: max_upload */
	bool hold;			/* store, do not queue */
	bool skip_existing;		/* use a job of the owner that has the
					 * same video, if there is one */
	bool resumable;
	bool unlimited;			/* no quota holds for the owner */
	const char *text;		/* the caller's, kept with a resumable
					 * upload; NULL: none */
};

/* Why it was refused, for callers with a status of their own for each. */
enum v2m_upload_refusal {
	V2M_UPLOAD_OTHER,		/* see the code of the error */
	V2M_UPLOAD_LENGTH,		/* empty, or over max_upload */
	V2M_UPLOAD_BYTES,		/* max_user_bytes */
	V2M_UPLOAD_JOBS,		/* max_user_jobs, _unfinished,
					 * or reserved by others */
	V2M_UPLOAD_ROOM,		/* the disk is full */
	V2M_UPLOAD_CONTENT,		/* not a media file, or without sound */
	V2M_UPLOAD_EXPIRED,		/* not continued for upload_expires */
	V2M_UPLOAD_TAKEN,		/* another connection continues it */
	V2M_UPLOAD_MAYBE,		/* it may be a job: not known */
};

/* Begin, after all checks that need no byte of the file.  Free the result with
 * v2m_upload_stream_free().  NULL: V2M_DATA, V2M_TEMP, ..., with *why; then
 * nothing stays. */
struct v2m_upload_stream *v2m_upload_stream_begin(struct v2m_services *s,
    const struct v2m_upload_stream_request *ask, enum v2m_upload_refusal *why,
    struct v2m_err *err);

/* --- resuming, by the record; the caller has checked the permission --- */

enum v2m_upload_stage {
	V2M_UPLOAD_COMING,		/* more bytes are to come */
	V2M_UPLOAD_STORED,		/* all have come: finish it */
	V2M_UPLOAD_ACCEPTED,		/* it is a job */
};

struct v2m_upload_stream_state {
	enum v2m_upload_stage stage;
	int64_t offset;			/* bytes that are durable */
	int64_t length;			/* -1: unknown */
	int64_t until;			/* wall ms; 0: it does not expire */
	char text[V2M_PARTIAL_TEXT];
};

/* How many bytes have come?  This does not disturb a connection that sends
 * more.  V2M_NOINPUT: there is no such upload, or it was removed, or has
 * expired (*why). */
int v2m_upload_stream_inspect(struct v2m_services *s,
    const struct v2m_record *record, struct v2m_upload_stream_state *state,
    enum v2m_upload_refusal *why, struct v2m_err *err);

/* Continue from the last save.  From then on, any other struct for the same
 * upload is refused (V2M_UPLOAD_TAKEN).  NULL: as
 * v2m_upload_stream_inspect(). */
struct v2m_upload_stream *v2m_upload_stream_resume(struct v2m_services *s,
    const struct v2m_record *record, enum v2m_upload_refusal *why,
    struct v2m_err *err);

/* --- facts that need no service --- */

const struct v2m_record *v2m_upload_stream_record(
    const struct v2m_upload_stream *r);
enum v2m_upload_stage v2m_upload_stream_stage(
    const struct v2m_upload_stream *r);
int64_t v2m_upload_stream_offset(const struct v2m_upload_stream *r);

/* How many of these bytes are durable. */
int64_t v2m_upload_stream_saved(const struct v2m_upload_stream *r);

/* -1: unknown. */
int64_t v2m_upload_stream_length(const struct v2m_upload_stream *r);

/* When it expires, wall ms. */
int64_t v2m_upload_stream_until(const struct v2m_upload_stream *r);

/* Why the last call failed. */
enum v2m_upload_refusal v2m_upload_stream_refusal(
    const struct v2m_upload_stream *r);

/* Set what a form may say only after the first bytes: the file's name, the
 * settings.  Before it is finished, and not for a resumable upload. */
void v2m_upload_stream_set_name(struct v2m_upload_stream *r, const char *name);
void v2m_upload_stream_set_settings(struct v2m_upload_stream *r,
    const struct v2m_settings *settings);

/* --- bytes --- */

/* Would n more bytes only be buffered?  Then v2m_upload_stream_write() needs no
 * connection: s may be NULL. */
bool v2m_upload_stream_gathers(const struct v2m_upload_stream *r, size_t n);

/* Add bytes.  V2M_DATA: longer than announced or allowed.  V2M_UPLOAD_ROOM: the
 * disk is full; what came before can still be saved.  After another failure it
 * can only be aborted, or resumed with a new struct. */
int v2m_upload_stream_write(struct v2m_upload_stream *r, struct v2m_services *s,
    const void *buf, size_t n, struct v2m_err *err);

/* Set the length, if it was unknown.  V2M_DATA: over the limits, less than has
 * come, or not the length that is known. */
int v2m_upload_stream_set_length(struct v2m_upload_stream *r,
    struct v2m_services *s, int64_t length, struct v2m_err *err);

/* Make durable what has come, and keep it for upload_expires from now.  leave:
 * the connection ends here. */
int v2m_upload_stream_save(struct v2m_upload_stream *r, struct v2m_services *s,
    bool leave, struct v2m_err *err);

/* Drop what has come since this struct began or resumed the upload.  If another
 * connection has resumed it since, nothing is changed (V2M_UPLOAD_TAKEN). */
int v2m_upload_stream_rewind(struct v2m_upload_stream *r,
    struct v2m_services *s, struct v2m_err *err);

/* --- its end --- */

/* Can it be resumed after its connection has ended? */
bool v2m_upload_stream_is_resumable(const struct v2m_upload_stream *r);

/* All bytes have come, but it may wait long until it is finished: see to it
 * that it is not removed as idle meanwhile. */
int v2m_upload_stream_complete(struct v2m_upload_stream *r,
    struct v2m_services *s, struct v2m_err *err);

/* All bytes have come: make a job of it, in two steps.  Between them the caller
 * may check the stored video, which has the ID of the record, for sound.
 *
 * The first step: 1: the second is to follow.  0: it is a job already; with
 * *existed it is another job of the owner with the same video, and
 * v2m_upload_stream_record() is now the record of that.  -1.
 *
 * The second step: refused NULL: accept it; else refuse it, with that error,
 * -1.
 *
 * After a failure for good (V2M_DATA, ...)  nothing stays.  If a service is
 * away (v2m_err_retry()), a resumable upload stays, and can be resumed and
 * finished later; of another one nothing stays.  V2M_UPLOAD_TAKEN: another
 * process finishes it.  V2M_UPLOAD_MAYBE: its message may have been published,
 * and could not be undone.
 */
int v2m_upload_stream_finish_begin(struct v2m_upload_stream *r,
    struct v2m_services *s, bool *existed, struct v2m_err *err);
int v2m_upload_stream_finish_end(struct v2m_upload_stream *r,
    struct v2m_services *s, const struct v2m_err *refused,
    struct v2m_err *err);

/* Remove it, unless it is a job. */
int v2m_upload_stream_abort(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err);

/* Free the memory; the store is not changed.  NULL is fine. */
void v2m_upload_stream_free(struct v2m_upload_stream *r);

/* For v2m-prune: if an upload has expired, remove its bytes, its record and its
 * reservation.  1: removed; 0: it has not, or it is a job. */
int v2m_upload_stream_expire(struct v2m_services *s, const char *id,
    struct v2m_err *err);

#endif
