/* objects.h - the bytes: videos, MP3s, and those of partial uploads.
 *
 * An object is written once and never changed: its bytes become visible all at
 * once, at commit, or never.  A driver stores the bytes and the facts of a
 * struct v2m_object; it works with any driver of records, or none.  If dir
 * shares a database with the records, triggers note in its table which objects
 * the records need; only v2m_store_loose() uses that.  Partial uploads:
 * partial.h.
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

/* The facts about an object, without its bytes. */
struct v2m_object {
	char id[V2M_ID_SIZE];
	int64_t length;
	char sha256[V2M_SHA256_HEX];	/* "": another program stored none */
	char name[V2M_NAME_MAX];
	char owner[V2M_EMAIL_MAX];	/* "": unknown */
	char video[V2M_ID_SIZE];	/* of an MP3: the ID of its job */
	int64_t fence;			/* of an MP3: the fence of its claim;
					 * of a video from a partial upload:
					 * that of who finished it */
	int64_t created_at;		/* wall ms */
};

/* For messages: "video", "MP3"; and "the video 6a...", returns what. */
#define V2M_OBJECT_WHAT (16 + V2M_ID_SIZE)
const char *v2m_kind_word(enum v2m_kind kind);
char *v2m_object_what(char what[V2M_OBJECT_WHAT], enum v2m_kind kind,
    const char *id);

struct v2m_store;
struct v2m_writer;
struct v2m_reader;

/* A file without a name in the folder of MP3s, to reserve space with
 * (base/hold.h).  *fd is -1 if the store is not on a disk of this machine. */
int v2m_store_hold(struct v2m_store *s, int *fd, struct v2m_err *err);

/* Begin to write.  SHA-256 and length are computed meanwhile.  V2M_CANTCREATE,
 * here or at commit: the ID has an object. */
struct v2m_writer *v2m_store_create(struct v2m_store *s, enum v2m_kind kind,
    const char *id, struct v2m_err *err);
int v2m_writer_write(struct v2m_writer *w, const void *buf, size_t n,
    struct v2m_err *err);

/* The number of bytes written so far. */
int64_t v2m_writer_length(const struct v2m_writer *w);

/* Make it durable and visible; after an error it is thrown away.  Not allowed
 * after a failed write.  Sets id, length, sha256 and created_at of *object; the
 * caller has set the rest. */
int v2m_writer_commit(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err);

/* The same for a copy: the caller has set sha256 and created_at too, and has
 * compared the bytes with sha256. */
int v2m_writer_commit_as(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err);

/* Free; an object that is not committed is thrown away.  NULL is fine. */
void v2m_writer_free(struct v2m_writer *w);

/* Look for an object.  1, and fills *object unless NULL; 0: there is none; -1;
 * V2M_IO: its bytes cannot be right. */
int v2m_store_stat(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);

/* Open to read; fills *object unless NULL.  V2M_NOINPUT: there is none.
 * V2M_IO: its bytes are damaged. */
struct v2m_reader *v2m_store_read(struct v2m_store *s, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);
int64_t v2m_reader_length(const struct v2m_reader *r);

/* A descriptor of a regular file with the object's bytes (borrowed); -1: the
 * driver has none. */
int v2m_reader_fd(const struct v2m_reader *r);

/* The whole object will be read now, from start to end: the driver may ask for
 * all at once.  Not to be used if there can be long pauses between two reads,
 * as it may keep a connection open. */
void v2m_reader_read_on(struct v2m_reader *r);

/* n bytes from offset on will be read soon: the driver may ask for them. */
void v2m_reader_ahead(struct v2m_reader *r, size_t n, int64_t offset);

/* Like pread(2), but less than n bytes only at the end. */
ssize_t v2m_reader_pread(struct v2m_reader *r, void *buf, size_t n,
    int64_t offset, struct v2m_err *err);
void v2m_reader_free(struct v2m_reader *r);	/* NULL is fine */

/* What the answer to a link says, and how long the link is valid. */
struct v2m_link {
	const char *type, *disposition, *cache_control;	/* as in HTTP */
	int seconds;
};

/* A URL with which anybody can read the object directly from its place, with
 * GET and ranges.  It is a secret, and must not be logged.  Only if has_links:
 * the configuration wants links, and the driver has them. */
#define V2M_LINK_MAX 10240
bool v2m_store_has_links(const struct v2m_store *s);
int v2m_store_link(struct v2m_store *s, enum v2m_kind kind, const char *id,
    const struct v2m_link *link, char url[V2M_LINK_MAX], struct v2m_err *err);

/* Remove; a missing object is not an error. */
int v2m_store_remove(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err);

/* Call each for every object of a kind, in the order of their IDs.  video,
 * unless NULL: only MP3s made for this job.  If each returns 0 it goes on;
 * another value ends it and is returned. */
int v2m_store_objects(struct v2m_store *s, enum v2m_kind kind,
    const char *video, int (*each)(void *arg, const struct v2m_object *object),
    void *arg, struct v2m_err *err);

/* Remove what writers left behind when they died: temporary files, and files or
 * chunks without an object.  Nothing that was written to after before_ms (wall
 * ms) is removed.  dry: only report.  full: also look where nothing has changed
 * since the last look found nothing.  each gets a name for people of everything
 * that is found. */
int v2m_store_tidy(struct v2m_store *s, int64_t before_ms, bool dry, bool full,
    void (*each)(void *arg, const char *name), void *arg,
    struct v2m_err *err);

/* Can the store list objects that no record needs?  Then v2m_store_loose() is
 * v2m_store_objects() for these, and perhaps for some others. */
bool v2m_store_knows_loose(const struct v2m_store *s);
int v2m_store_loose(struct v2m_store *s, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* Problems of the place itself, each a phrase for people: for example, that it
 * keeps what is removed.  None if it cannot be known. */
int v2m_store_concerns(struct v2m_store *s,
    void (*each)(void *arg, const char *what), void *arg,
    struct v2m_err *err);

/* --- for drivers --- */

/* Set the error: the ID has an object already (V2M_CANTCREATE); there is none
 * (V2M_NOINPUT).  Both return -1. */
int v2m_object_taken(enum v2m_kind kind, const char *id, struct v2m_err *err);
int v2m_object_missing(enum v2m_kind kind, struct v2m_err *err);

/* A driver's objects() by pages.  read fills a page with the objects after an
 * ID ("": from the first), and returns their number, less than V2M_OBJECTS_PAGE
 * at the end, or -1.  It leaves nothing open, as each may take long and may
 * change the store. */
#define V2M_OBJECTS_PAGE 100
int v2m_objects_by_page(int (*read)(void *from, const char *after,
    struct v2m_object *page, struct v2m_err *err), void *from,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* The arguments of v2m_store_tidy(). */
struct v2m_tidy {
	int64_t before_ms;
	bool dry, full;
	void (*each)(void *arg, const char *name);
	void *arg;
	/* Is there still a partial upload of this ID?  1, 0, -1. */
	int (*is_partial)(void *partials, const char *id, struct v2m_err *err);
	void *partials;
};

/* key: as in records.h; "store" or "objects". */
struct v2m_objects_ops {
	int (*init)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	/* records: NULL, or the records if they are at the same place.  They
	 * are opened before and closed after this, so their connection may be
	 * shared. */
	void *(*open)(const struct v2m_conf *conf, const char *key,
	    void *records, struct v2m_err *err);
	void (*close)(void *self);
	int (*ready)(void *self, struct v2m_err *err);
	int (*room)(void *self, int64_t need, int64_t reserve,
	    struct v2m_err *err);	/* NULL: free space is not known */
	int (*hold)(void *self, int *fd, struct v2m_err *err);
					/* NULL: not on a local disk */
	void *(*create)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	int (*write)(void *writer, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*commit)(void *writer, const struct v2m_object *object,
	    struct v2m_err *err);
	void (*discard)(void *writer);	/* frees; also after a commit */
	int (*stat)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_object *object, struct v2m_err *err); /* never NULL */
	void *(*read)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_object *object, struct v2m_err *err);
	int (*fd)(void *reader);	/* NULL: never one */
	void (*read_on)(void *reader);	/* NULL: not needed */
	/* NULL: not needed.  offset + n is within the object. */
	void (*ahead)(void *reader, size_t n, int64_t offset);
	ssize_t (*pread)(void *reader, void *buf, size_t n, int64_t offset,
	    struct v2m_err *err);
	void (*release)(void *reader);
	/* Both NULL: the driver has no links. */
	bool (*has_links)(const void *self);
	int (*link)(void *self, enum v2m_kind kind, const char *id,
	    const struct v2m_link *link, char url[V2M_LINK_MAX],
	    struct v2m_err *err);
	int (*remove)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	/* Free the space of an object that is about to be removed, without
	 * writing anything.  NULL: not needed. */
	void (*free_room)(void *self, enum v2m_kind kind, const char *id);
	int (*objects)(void *self, enum v2m_kind kind, const char *video,
	    int (*each)(void *arg, const struct v2m_object *object), void *arg,
	    struct v2m_err *err);
	/* Both NULL: the driver cannot list such objects. */
	bool (*knows_loose)(const void *self);
	int (*loose)(void *self, enum v2m_kind kind,
	    int (*each)(void *arg, const struct v2m_object *object), void *arg,
	    struct v2m_err *err);
	int (*tidy)(void *self, const struct v2m_tidy *t,
	    struct v2m_err *err);	/* NULL: writers leave nothing */

	int (*concerns)(void *self, void (*each)(void *arg, const char *what),
	    void *arg, struct v2m_err *err);	/* NULL: none */

	/* The bytes of partial uploads, see partial.h.  Each holder of an
	 * upload has a fence, a number above 0, and a later holder has a
	 * higher one.  The driver remembers the highest fence that begin and
	 * take were given, by its own means, not in a document.  A call with a
	 * lower one fails with V2M_DENIED, or has no effect.  Only the caller
	 * knows how many of the bytes are valid. */
	int64_t (*partial_chunk_size)(void *self);	/* for a new one */
	int (*partial_begin)(void *self, const char *id, int64_t fence,
	    struct v2m_err *err);
	/* Waits until an earlier holder is not writing any more, and drops
	 * the bytes after size. */
	int (*partial_take)(void *self, const char *id, int64_t fence,
	    int64_t size, int64_t chunk_size, struct v2m_err *err);
	/* offset is a multiple of chunk_size; n is a multiple too, or less
	 * than one chunk. */
	int (*partial_write)(void *self, const char *id, int64_t fence,
	    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*partial_sync)(void *self, const char *id,
	    struct v2m_err *err);	/* NULL: write is durable */
	void *(*partial_read)(void *self, const char *id, int64_t size,
	    int64_t chunk_size, struct v2m_err *err);	/* as read() */
	/* Make the bytes the object, with the holder's fence.  1; 0: the ID
	 * has another object; -1.  If the same object is there with an older
	 * fence, it gets this fence.  unfinish undoes it, if the object still
	 * has that fence. */
	int (*partial_finish)(void *self, int64_t chunk_size,
	    const struct v2m_object *object, struct v2m_err *err);
	int (*partial_unfinish)(void *self, const struct v2m_object *object,
	    struct v2m_err *err);
	/* Remove the bytes and the fence; never the bytes of an object. */
	int (*partial_erase)(void *self, const char *id, struct v2m_err *err);
};

extern const struct v2m_objects_ops v2m_objects_dir;

#endif
