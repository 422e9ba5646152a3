/* partial.h - a partial upload: the bytes of a video that is still coming.
 *
 * Only these functions see it, until it is finished.  Then its bytes become the
 * video with that ID, without being copied.  A struct v2m_partial is plain
 * memory without a connection: each call is given a store, which may be another
 * one each time.
 *
 * One holder may append to it.  When another takes it, the next call of the old
 * holder that reaches the store fails with V2M_DENIED, and changes nothing.  So
 * if two connections upload the same video, the newer one goes on, whatever the
 * older one still does, on any machine.
 *
 * The first `saved` bytes survive a crash; those after the last save are lost.
 * A save flushes to disk: do it once for some megabytes, or once a second.
 *
 * A struct v2m_partial belongs to one thread at a time.  Common errors: those
 * of store.h; V2M_NOINPUT: there is no such upload; V2M_DENIED: another has
 * taken it over, or it was dropped.
 */
#ifndef V2M_STORE_PARTIAL_H
#define V2M_STORE_PARTIAL_H

#include "base/hash.h"
#include "store/store.h"

/* The kind of document (document.h) that has the state of an upload. */
#define V2M_PARTIAL_DOCUMENT "part"

#define V2M_PARTIAL_TEXT 4096

struct v2m_partial {
	char id[V2M_ID_SIZE];		/* of the future video */
	char owner[V2M_EMAIL_MAX];
	int64_t length;			/* of the whole; -1: not known yet */
	int64_t most;			/* upper limit of length */
	int64_t offset;			/* bytes received */
	int64_t saved;			/* bytes that are durable */
	int64_t until;			/* wall ms: v2m-prune drops it then */
	int64_t created_at;
	char text[V2M_PARTIAL_TEXT];	/* for the caller; clean text */

	/* The rest is private to partial.c. */
	int64_t rev;			/* of the document; takes and saves
					 * change it */
	int64_t fence;			/* the revision of our take */
	int64_t chunk_size;		/* unit of writing, in bytes */
	bool ours;			/* this struct is the holder */
	bool held;			/* there is a holder */
	bool doubtful;			/* taken while there was a holder */
	bool hashed;			/* hash covers all bytes up to offset */
	struct v2m_sha256 hash;
	unsigned char *gathered;	/* bytes after the last whole chunk */
	size_t ngathered;
};

/* Create one, and hold it.  The caller has set id, owner, length, most, until
 * and text; the rest of *p is zero.  V2M_CANTCREATE: the ID has one already. */
int v2m_partial_create(struct v2m_store *s, struct v2m_partial *p,
    struct v2m_err *err);

/* Read its state, without holding it.  *p is all zero or was filled by one of
 * these functions. */
int v2m_partial_get(struct v2m_store *s, const char *id, struct v2m_partial *p,
    struct v2m_err *err);

/* Become the holder, and go on from the last save.  The present holder loses
 * it; that may be *p itself, to drop what came after the save.  until: the new
 * time, unless 0. */
int v2m_partial_take(struct v2m_store *s, const char *id, int64_t until,
    struct v2m_partial *p, struct v2m_err *err);

/* Append bytes.  V2M_DATA: more than length or most.  After an error it must be
 * taken again. */
int v2m_partial_append(struct v2m_store *s, struct v2m_partial *p, const void
    *buf, size_t n, struct v2m_err *err);

/* Would appending n bytes only copy them to memory?  Then s may be NULL. */
bool v2m_partial_gathers(const struct v2m_partial *p, size_t n);

/* Make all bytes received so far durable, with p->until, p->length and p->text,
 * which the caller may have changed.  leave: it has no holder then, and the
 * next one need not wait for us. */
int v2m_partial_save(struct v2m_store *s, struct v2m_partial *p, bool leave,
    struct v2m_err *err);

/* Make the bytes the video, and remove the rest.  V2M_DATA: their number is not
 * the length, if that is known.  Fills *object as v2m_writer_commit() does.
 * After an error it may be taken again and finished. */
int v2m_partial_finish(struct v2m_store *s, struct v2m_partial *p,
    struct v2m_object *object, struct v2m_err *err);

/* Remove it, even if it has a holder.  A missing one is not an error. */
int v2m_partial_drop(struct v2m_store *s, const char *id, struct v2m_err *err);

/* Free its memory and set all to zero. */
void v2m_partial_clear(struct v2m_partial *p);

/* Uploads in the order of their IDs: at most limit, after the ID `after` (NULL:
 * all), and only those whose `until` is before until_before (0: all).  Caller
 * frees *list with free(). */
int v2m_partial_list(struct v2m_store *s, int64_t until_before,
    const char *after, int limit, struct v2m_partial **list, size_t *n,
    struct v2m_err *err);

/* Is there room for `need` more bytes besides the reserve now?  Bytes that are
 * announced but have not come do not count.  V2M_TEMP, ENOSPC. */
int v2m_partial_room(struct v2m_store *s, int64_t need, int64_t reserve,
    struct v2m_err *err);

#endif
