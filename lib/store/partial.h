/* partial.h - a partial upload: bytes on their way to become a video.
 *
 * It is invisible to everybody but who asks for it here, until it is finished:
 * then its bytes are the video of that ID, without being copied.
 * A struct v2m_partial is plain memory and holds no connection: each call is
 * given a store to work with, which may be another one each time.
 *
 * Who appends holds it.  Taking it makes whoever held it a stranger: his
 * next call that reaches the store fails with V2M_DENIED, and changes nothing.
 * So of two connections that upload the same thing the newer one goes on,
 * whatever the older one is still about to do, on whichever machine.
 *
 * `saved` is what survives a crash; what came since the last save is lost with
 * its holder.  Saving costs a flush: do it by the megabyte or the second.
 *
 * Thread safety: a struct v2m_partial belongs to one thread at a time.
 * Common errors: those of store.h; V2M_NOINPUT there is no such upload;
 * V2M_DENIED taken over, or dropped.
 */
#ifndef V2M_STORE_PARTIAL_H
#define V2M_STORE_PARTIAL_H

#include "base/hash.h"
#include "store/store.h"

/* The kind of document (document.h) that holds the state of one. */
#define V2M_PARTIAL_DOCUMENT "part"

#define V2M_PARTIAL_TEXT 4096

struct v2m_partial {
	char id[V2M_ID_SIZE];		/* of the video to be */
	char owner[V2M_EMAIL_MAX];
	int64_t length;			/* in all; -1: not known yet */
	int64_t most;			/* it is no longer than this */
	int64_t offset;			/* bytes that came */
	int64_t saved;			/* bytes that are durable */
	int64_t until;			/* wall ms: dropped by v2m-prune then */
	int64_t created_at;
	char text[V2M_PARTIAL_TEXT];	/* the caller's own, clean */

	/* The rest is partial.c's. */
	int64_t rev;			/* of its state: takes and saves */
	int64_t fence;			/* the rev that we took it with */
	int64_t chunk_size;		/* bytes that the store takes at once */
	bool ours;			/* we hold it */
	bool held;			/* somebody does */
	bool doubtful;			/* taken from one who had not left it */
	bool hashed;			/* hash is of all bytes up to offset */
	struct v2m_sha256 hash;
	unsigned char *gathered;	/* behind the last whole chunk */
	size_t ngathered;
};

/* Begin one, and hold it.  id, owner, length, most, until and text are the
 * caller's; *p was all zero before.  V2M_CANTCREATE: the ID has one. */
int v2m_partial_create(struct v2m_store *s, struct v2m_partial *p,
    struct v2m_err *err);

/* What is known of it, without holding it; *p is all zero, or was filled
 * here. */
int v2m_partial_get(struct v2m_store *s, const char *id, struct v2m_partial *p,
    struct v2m_err *err);

/* Hold it, from its last save on, whoever holds it now: ourselves too, to
 * throw away what came since.  until: a new one, unless 0. */
int v2m_partial_take(struct v2m_store *s, const char *id, int64_t until,
    struct v2m_partial *p, struct v2m_err *err);

/* Append.  V2M_DATA: more than its length, or than the most.  After a failure
 * it must be taken again. */
int v2m_partial_append(struct v2m_store *s, struct v2m_partial *p, const void
    *buf, size_t n, struct v2m_err *err);

/* Would so many bytes only be gathered in memory?  Then s may be NULL. */
bool v2m_partial_gathers(const struct v2m_partial *p, size_t n);

/* Make all that came durable; p->until, p->length and p->text, which the
 * caller may have changed, with it.  leave: we hold it no longer, and nobody
 * need doubt who takes it next. */
int v2m_partial_save(struct v2m_store *s, struct v2m_partial *p, bool leave,
    struct v2m_err *err);

/* Its bytes become the video, and nothing else is left of it.  They are as
 * many as its length says, if that is known (V2M_DATA).  Fills *object as
 * v2m_writer_commit() does.  May be repeated after a failure, taken again. */
int v2m_partial_finish(struct v2m_store *s, struct v2m_partial *p,
    struct v2m_object *object, struct v2m_err *err);

/* Remove it, whoever holds it.  One that is not there is fine. */
int v2m_partial_drop(struct v2m_store *s, const char *id, struct v2m_err *err);

/* Free what it gathered; the rest is zero then. */
void v2m_partial_clear(struct v2m_partial *p);

/* Those whose `until` is before a moment (0: all), by ID, above `after`
 * (NULL: all), at most limit; caller frees with free(). */
int v2m_partial_list(struct v2m_store *s, int64_t until_before,
    const char *after, int limit, struct v2m_partial **list, size_t *n,
    struct v2m_err *err);

/* Is there room for `need` bytes besides the reserve now?  What is announced
 * and has not come takes none.  V2M_TEMP, ENOSPC. */
int v2m_partial_room(struct v2m_store *s, int64_t need, int64_t reserve,
    struct v2m_err *err);

#endif
