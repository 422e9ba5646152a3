/* store.h - videos, MP3s and the records of jobs, by ID.
 *
 * Objects are written once and never changed: a writer's bytes become visible
 * all at once, at commit, or never.  Records change by compare-and-set on
 * their revision and in no other way.  The scheme of the key `store` picks
 * the driver.
 *
 * A struct v2m_store, and what is opened from it, belongs to one thread.
 * Common errors: V2M_TEMP (away, busy, full: try again), V2M_DENIED,
 * V2M_CONFIG (not set up), V2M_IO.
 */
#ifndef V2M_STORE_STORE_H
#define V2M_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"
#include "store/page.h"
#include "store/record.h"

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

struct v2m_store *v2m_store_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_store_close(struct v2m_store *s);	/* NULL is fine */

/* Make folders, tables, indexes; safe to repeat.  For v2m-init. */
int v2m_store_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Does it answer, and is it still of this version of v2m?  An open one may have
 * been upgraded by another: V2M_CONFIG, "made by a newer v2m". */
int v2m_store_ready(struct v2m_store *s, struct v2m_err *err);

/* The store server's clock, wall ms. */
int v2m_store_now(struct v2m_store *s, int64_t *now_ms, struct v2m_err *err);

/* --- objects --- */

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

/* Open to read; *object, unless NULL, is filled.  V2M_NOINPUT: there is none.
 * V2M_IO: its bytes are not those that were stored. */
struct v2m_reader *v2m_store_read(struct v2m_store *s, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);
int64_t v2m_reader_length(const struct v2m_reader *r);

/* A descriptor of a regular file with the object's bytes (borrowed), or -1
 * where the driver has none. */
int v2m_reader_fd(const struct v2m_reader *r);

/* Like pread(2): fewer than n at the end only. */
ssize_t v2m_reader_pread(struct v2m_reader *r, void *buf, size_t n,
    int64_t offset, struct v2m_err *err);
void v2m_reader_free(struct v2m_reader *r);	/* NULL is fine */

/* Remove; one that is not there is fine. */
int v2m_store_remove(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err);

/* Remove what writers that died left where no reader sees it: temporary files,
 * files or chunks without an object; nothing that was written to since
 * before_ms (wall ms).  dry: only tell.  each gets a name, for people, of
 * whatever is found. */
int v2m_store_tidy(struct v2m_store *s, int64_t before_ms, bool dry,
    void (*each)(void *arg, const char *name), void *arg,
    struct v2m_err *err);

/* --- records --- */

/* V2M_NOINPUT: there is none. */
int v2m_store_get(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err);

/* The record whose mp3 this is. */
int v2m_store_get_by_mp3(struct v2m_store *s, const char *mp3,
    struct v2m_record *r, struct v2m_err *err);

/* Insert with rev 1, which is set in *r.  Returns 1; 0 where the ID has a
 * record already; -1. */
int v2m_store_insert(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Compare-and-set: replace the record if its revision is still r->rev, which
 * is then increased.  Returns 1; 0 where somebody changed it since (or it is
 * gone); -1, and then the outcome may be unknown. */
int v2m_store_put(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Delete a record, whatever its revision.  Missing is fine. */
int v2m_store_forget(struct v2m_store *s, const char *id, struct v2m_err *err);

/* Which records, in the order of their IDs: by age, and where they are of the
 * same second, the same at every time. */
struct v2m_filter {
	const char *owner;		/* NULL: anybody's */
	int state;			/* -1: any */
	const char *sha256;		/* NULL: any */
	bool end_unpublished;		/* only where end_published_at is 0 */
	const char *after;		/* IDs above this one; NULL: all */
	int limit;			/* at most so many; 0: no limit */
};

/* Call each for all that match, one after the other: a page of them is in
 * memory, however many there are, and nothing is locked, so that each may
 * change records.  0 goes on, another value of each ends it and is returned;
 * err is the store's own. */
int v2m_store_each(struct v2m_store *s, const struct v2m_filter *filter,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* What an owner's accepted jobs amount to: the bytes of their videos, as far
 * as they are kept, and how many wait or run.  Those of the n IDs in skip, and
 * uploads that have not ended, do not count. */
struct v2m_usage {
	int64_t bytes, jobs;
};

int v2m_store_usage(struct v2m_store *s, const char *owner,
    const char *const *skip, size_t n, struct v2m_usage *usage,
    struct v2m_err *err);

/* How many records there are of each state, and what they amount to.  Reads all
 * of them: for figures that are asked for now and then. */
struct v2m_census {
	struct {
		int64_t jobs;
		int64_t mp3_bytes, sound_ms;	/* of done ones */
		int64_t took_ms;	/* from upload to end, of ended ones */
		int64_t oldest_ms;	/* wall; 0: none, or they have ended */
	} states[V2M_JOB_STATES];
};

int v2m_store_census(struct v2m_store *s, struct v2m_census *census,
    struct v2m_err *err);

/* Call each for every object of a kind, by ID; for sweeping.  video, unless
 * NULL: only MP3s made for this job.  0 goes on, another value of each ends it
 * and is returned. */
int v2m_store_objects(struct v2m_store *s, enum v2m_kind kind,
    const char *video, int (*each)(void *arg, const struct v2m_object *object),
    void *arg, struct v2m_err *err);

/* --- for drivers --- */

struct v2m_document;

/* What v2m_store_tidy() wants. */
struct v2m_tidy {
	int64_t before_ms;
	bool dry;
	void (*each)(void *arg, const char *name);
	void *arg;
	/* Is there still a partial upload of this ID?  1, 0, -1. */
	int (*is_partial)(void *partials, const char *id, struct v2m_err *err);
	void *partials;
};

/* The kind of document that holds the state of a partial upload. */
#define V2M_PARTIAL_DOCUMENT "part"

struct v2m_store_ops {
	const char *scheme;
	int (*init)(const struct v2m_conf *conf, struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, struct v2m_err *err);
	void (*close)(void *self);
	int (*ready)(void *self, struct v2m_err *err);	/* NULL: it is where it
					 * tells the time */
	int (*now)(void *self, int64_t *now_ms, struct v2m_err *err);
	int (*room)(void *self, int64_t need, int64_t reserve,
	    struct v2m_err *err);	/* NULL: nobody can say, go on */
	int (*hold)(void *self, int *fd, struct v2m_err *err);
					/* NULL as well */
	void *(*create)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	int (*write)(void *writer, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*commit)(void *writer, const struct v2m_object *object,
	    struct v2m_err *err);
	void (*discard)(void *writer);	/* frees; fine after a commit */
	void *(*read)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_object *object, struct v2m_err *err);
	int (*fd)(void *reader);	/* NULL: never one */
	ssize_t (*pread)(void *reader, void *buf, size_t n, int64_t offset,
	    struct v2m_err *err);
	void (*release)(void *reader);
	int (*remove)(void *self, enum v2m_kind kind, const char *id,
	    struct v2m_err *err);
	int (*get)(void *self, const char *id, struct v2m_record *r,
	    struct v2m_err *err);
	int (*get_by_mp3)(void *self, const char *mp3, struct v2m_record *r,
	    struct v2m_err *err);
	int (*insert)(void *self, const struct v2m_record *r,
	    struct v2m_err *err);
	int (*put)(void *self, const struct v2m_record *r, int64_t old_rev,
	    struct v2m_err *err);
	int (*forget)(void *self, const char *id, struct v2m_err *err);
	/* Append the first filter->limit, which is not 0, to the empty page.
	 * On failure it does not matter what is in it. */
	int (*list)(void *self, const struct v2m_filter *filter,
	    struct v2m_page *page, struct v2m_err *err);
	int (*objects)(void *self, enum v2m_kind kind, const char *video,
	    int (*each)(void *arg, const struct v2m_object *object), void *arg,
	    struct v2m_err *err);
	int (*tidy)(void *self, const struct v2m_tidy *t,
	    struct v2m_err *err);	/* NULL: nothing is ever left */
	int (*usage)(void *self, const char *owner, const char *const *skip,
	    size_t n, struct v2m_usage *usage, struct v2m_err *err);

	/* All but oldest_ms; census is all zero. */
	int (*census)(void *self, struct v2m_census *census,
	    struct v2m_err *err);

	/* Documents, see document.h.  old_rev 0: there is none yet. */
	int (*document_get)(void *self, const char *kind, const char *key,
	    struct v2m_document *n, struct v2m_err *err);
	int (*document_put)(void *self, const struct v2m_document *n, int64_t
	    old_rev, struct v2m_err *err);
	int (*document_drop)(void *self, const char *kind, const char *key,
	    int64_t rev, struct v2m_err *err);
	int (*document_list)(void *self, const char *kind, int64_t until_before,
	    const char *after, int limit, struct v2m_document **list, size_t *n,
	    struct v2m_err *err);

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

extern const struct v2m_store_ops v2m_store_dir;

#endif
