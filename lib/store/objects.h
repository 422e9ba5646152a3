/* objects.h - the bytes: videos, MP3s, and what has come of uploads.
 *
 * Objects are written once and never changed: a writer's bytes become visible
 * all at once, at commit, or never.  A driver keeps them and what is known of
 * them; it works with any records, or none.  Where dir shares a database with
 * them, triggers note in its table which objects they want, and only
 * v2m_store_loose() looks at that.  Partial uploads are in partial.h.
 *
 * Common errors: those of store.h.
 */
#ifndef V2M_STORE_OBJECTS_H
#define V2M_STORE_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"

enum v2m_kind { V2M_VIDEO, V2M_MP3 };

/* What is known of an object besides its bytes. */
struct v2m_object {
	char id[V2M_ID_SIZE];
	int64_t length;
	char sha256[V2M_SHA256_HEX];	/* "" where a stranger left none */
	char name[V2M_NAME_MAX];
	char owner[V2M_EMAIL_MAX];	/* "" unknown */
	char video[V2M_ID_SIZE];	/* of an MP3: the job it is for */
	int64_t fence;			/* of an MP3: of its claim; of a video
					 * that came in steps: of its finisher
					 * */
	int64_t created_at;		/* wall ms */
};

struct v2m_store;
struct v2m_writer;
struct v2m_reader;

/* A file without a name, where MP3s are stored, to hold room with
 * (base/hold.h); *fd is -1 where the store is none of this machine's disks. */
int v2m_store_hold(struct v2m_store *s, int *fd, struct v2m_err *err);

/* Begin to write.  The SHA-256 and the length are taken on the way.  An ID
 * that has an object: V2M_CANTCREATE, here or at commit. */
struct v2m_writer *v2m_store_create(struct v2m_store *s, enum v2m_kind kind,
    const char *id, struct v2m_err *err);
int v2m_writer_write(struct v2m_writer *w, const void *buf, size_t n,
    struct v2m_err *err);

/* How many bytes were written so far. */
int64_t v2m_writer_length(const struct v2m_writer *w);

/* Make it durable and visible, or throw it away; not after a failed write.
 * id, length, sha256 and created_at of *object are filled in here, the rest is
 * the caller's. */
int v2m_writer_commit(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err);

/* Free; an uncommitted object is thrown away.  NULL is fine. */
void v2m_writer_free(struct v2m_writer *w);

/* What is known of it: 1 with *object, unless NULL, filled; 0 there is none;
 * -1, V2M_IO where what is stored cannot be it. */
int v2m_store_stat(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);

/* Open to read; *object, unless NULL, is filled.  V2M_NOINPUT: there is none.
 * V2M_IO: its bytes are not those that were stored. */
struct v2m_reader *v2m_store_read(struct v2m_store *s, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);
int64_t v2m_reader_length(const struct v2m_reader *r);

/* A descriptor of a regular file with the object's bytes (borrowed), or -1
 * where the driver has none. */
int v2m_reader_fd(const struct v2m_reader *r);

/* All of it will be read now, from front to back: the driver may ask for it at
 * once.  Not for who lets others wait between two pieces, for the server may
 * keep something open. */
void v2m_reader_read_on(struct v2m_reader *r);

/* Like pread(2): fewer than n at the end only. */
ssize_t v2m_reader_pread(struct v2m_reader *r, void *buf, size_t n,
    int64_t offset, struct v2m_err *err);
void v2m_reader_free(struct v2m_reader *r);	/* NULL is fine */

/* Remove; one that is not there is fine. */
int v2m_store_remove(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err);

/* Call each for every object of a kind, by ID; for sweeping.  video, unless
 * NULL: only MP3s made for this job.  0 goes on, another value of each ends it
 * and is returned. */
int v2m_store_objects(struct v2m_store *s, enum v2m_kind kind,
    const char *video, int (*each)(void *arg, const struct v2m_object *object),
    void *arg, struct v2m_err *err);

/* Remove what writers that died left where no reader sees it: temporary files,
 * files or chunks without an object; nothing that was written to since
 * before_ms (wall ms).  dry: only tell.  full: look also where nothing has
 * changed since all was well.  each gets a name, for people, of whatever is
 * found. */
int v2m_store_tidy(struct v2m_store *s, int64_t before_ms, bool dry, bool full,
    void (*each)(void *arg, const char *name), void *arg,
    struct v2m_err *err);

/* Can it tell which objects are worth a look?  Then v2m_store_loose() is as
 * v2m_store_objects(), for those of which no record says that it wants them;
 * maybe for others. */
bool v2m_store_knows_loose(const struct v2m_store *s);
int v2m_store_loose(struct v2m_store *s, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* What of the place itself may hurt, for people, a phrase each: it keeps what
 * is removed, say.  Nothing where it cannot be known. */
int v2m_store_concerns(struct v2m_store *s,
    void (*each)(void *arg, const char *what), void *arg,
    struct v2m_err *err);

/* --- for drivers --- */

/* What v2m_store_tidy() wants. */
struct v2m_tidy {
	int64_t before_ms;
	bool dry, full;
	void (*each)(void *arg, const char *name);
	void *arg;
	/* Is there still a partial upload of this ID?  1, 0, -1. */
	int (*is_partial)(void *partials, const char *id, struct v2m_err *err);
	void *partials;
};

/* key: as in records.h, "store" or "objects". */
struct v2m_objects_ops {
	int (*init)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	/* records: the other half of the same driver and place, opened before
	 * and closed after this one, whose connection may be shared; or NULL.
	 */
	void *(*open)(const struct v2m_conf *conf, const char *key,
	    void *records, struct v2m_err *err);
	void (*close)(void *self);
	int (*ready)(void *self, struct v2m_err *err);
	int (*room)(void *self, int64_t need, int64_t reserve,
	    struct v2m_err *err);	/* NULL: it is not known, go on */
	int (*hold)(void *self, int *fd, struct v2m_err *err);
					/* NULL as well */
	void *(*create)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	int (*write)(void *writer, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*commit)(void *writer, const struct v2m_object *object,
	    struct v2m_err *err);
	void (*discard)(void *writer);	/* frees; fine after a commit */
	int (*stat)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_object *object, struct v2m_err *err); /* never NULL */
	void *(*read)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_object *object, struct v2m_err *err);
	int (*fd)(void *reader);	/* NULL: never one */
	void (*read_on)(void *reader);	/* NULL: it does not matter */
	ssize_t (*pread)(void *reader, void *buf, size_t n, int64_t offset,
	    struct v2m_err *err);
	void (*release)(void *reader);
	int (*remove)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	/* Free the room of one that is about to be removed, at once and
	 * without writing anything.  NULL: that helps nobody. */
	void (*free_room)(void *self, enum v2m_kind kind, const char *id);
	int (*objects)(void *self, enum v2m_kind kind, const char *video,
	    int (*each)(void *arg, const struct v2m_object *object), void *arg,
	    struct v2m_err *err);
	/* Both NULL: it cannot tell. */
	bool (*knows_loose)(const void *self);
	int (*loose)(void *self, enum v2m_kind kind,
	    int (*each)(void *arg, const struct v2m_object *object), void *arg,
	    struct v2m_err *err);
	int (*tidy)(void *self, const struct v2m_tidy *t,
	    struct v2m_err *err);	/* NULL: nothing is ever left */

	int (*concerns)(void *self, void (*each)(void *arg, const char *what),
	    void *arg, struct v2m_err *err);	/* NULL: none */

	/* The bytes of partial uploads, see partial.h.  A fence is a number
	 * above 0 that only one holder of an upload ever has, and a later one
	 * has a higher one.  The driver keeps the highest that begin and take
	 * told it, by its own means and no document: a lower one is refused
	 * (V2M_DENIED), there and below, or without effect.  How many of the
	 * bytes count, the caller knows alone. */
	int64_t (*partial_chunk_size)(void *self);	/* for a new one */
	int (*partial_begin)(void *self, const char *id, int64_t fence,
	    struct v2m_err *err);
	/* Waits for who is still writing, and forgets what is behind size. */
	int (*partial_take)(void *self, const char *id, int64_t fence,
	    int64_t size, int64_t chunk_size, struct v2m_err *err);
	/* At a multiple of chunk_size, whole chunks or less than one. */
	int (*partial_write)(void *self, const char *id, int64_t fence,
	    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*partial_sync)(void *self, const char *id,
	    struct v2m_err *err);	/* NULL: what is written is durable */
	void *(*partial_read)(void *self, const char *id, int64_t size,
	    int64_t chunk_size, struct v2m_err *err);	/* for pread, ... */
	/* The object, whose fence is the holder's: 1; 0 the ID has another;
	 * -1.  One that is the same under an older fence is taken over.  And
	 * back again, where its fence is still the object's. */
	int (*partial_finish)(void *self, int64_t chunk_size,
	    const struct v2m_object *object, struct v2m_err *err);
	int (*partial_unfinish)(void *self, const struct v2m_object *object,
	    struct v2m_err *err);
	/* What is left of it, its fence too; never a finished one's bytes. */
	int (*partial_erase)(void *self, const char *id, struct v2m_err *err);
};

extern const struct v2m_objects_ops v2m_objects_dir;

#endif
