/* mongodb.h - a store on MongoDB: mongodb://host:27017/?option=value
 *
 * The driver gridfs stores objects: videos are GridFS files (bucket fs) in the
 * database `videos`, MP3s in `mp3s`, as in existing deployments; chunks of
 * partial uploads are in `videos`, too.  The driver mongodb stores records in
 * the collection v2m.jobs of `videos`, and documents (document.h) in v2m.notes.
 * If both are used on one server, they share a connection.  Private to the two
 * drivers; the rules are those of store.h.
 *
 * A file's document (fs.files) is written last and removed first: with it,
 * chunks become an object.  The write concern is w=majority with j=true, unless
 * the URL sets another; all reads go to the primary.  Every call ends within
 * the timeouts of connect.c and retry.c.
 *
 * Files: driver.c (open, tables of functions), connect.c (the server's address
 * and account), server.c (facts about the server), errors.c (errors), retry.c,
 * index.c (v2m-init), bson.c (read untrusted documents).  gridfs: files.c
 * (documents of files), write.c, chunks.c and read.c (their bytes), partials.c
 * and fence.c (partial uploads), tidy.c (remove what was left).  mongodb:
 * records.c, census.c, documents.c, change.c (compare-and-set).
 */
#ifndef V2M_STORE_MONGODB_H
#define V2M_STORE_MONGODB_H

#include <mongoc/mongoc.h>

#include "store/store.h"

#define V2M_MONGODB_DUPLICATE 11000	/* server error DuplicateKey (E11000) */

struct v2m_mongodb {
	mongoc_client_t *client;
	mongoc_collection_t *files[2], *chunks[2];	/* by enum v2m_kind */
	mongoc_collection_t *partials;		/* fences of partial uploads */
	mongoc_collection_t *jobs, *documents;
	int32_t chunk_size;
	int halves;		/* drivers that use it; the last one closes
				 * it */
	int key_fd;		/* certificate and key in one file, or -1 */
	char host[128];		/* for messages */
	bool atomic_known;	/* see v2m_mongodb_warn_once() */
};

/* --- retry.c: a step that can be repeated without harm ---
 *
 *	do
 *		ret = step_once(m, &t.failure);
 *	while (v2m_mongodb_again(&t, ret, err));
 */

/* A step is repeated until so long after its first try.  While bytes are
 * written or read, that is long enough for a restart or an election.  Other
 * requests are repeated if their connection was cut, and fail soon if the
 * server does not answer. */
#define V2M_MONGODB_BYTES_MS 12000
#define V2M_MONGODB_ASK_MS 3000

struct v2m_mongodb_try {
	int64_t until_ms;	/* monotonic */
	bool lost;		/* a try has failed, and may have been
				 * executed */
	struct v2m_err failure;	/* of the last try */
};

/* Begin now, for most_ms. */
struct v2m_mongodb_try v2m_mongodb_try(int64_t most_ms);

/* Call it after a try that returned ret.  true, after a pause: try again.
 * false: it succeeded (ret >= 0), or failed for good, and *err (may be NULL) is
 * the failure: the time is over, another try cannot help, or the process was
 * told twice to stop. */
bool v2m_mongodb_again(struct v2m_mongodb_try *t, int ret,
    struct v2m_err *err);

/* --- server.c: what the server says of itself --- */

/* The server's time, in ms since 1970.  0; -1, as v2m_mongodb_err();
 * V2M_UNAVAILABLE: it does not tell it. */
int v2m_mongodb_now(void *self, int64_t *now_ms, struct v2m_err *err);

/* If updates are not atomic (FerretDB 1.x), warn once per process that only one
 * worker and one notifier may run. */
void v2m_mongodb_warn_once(struct v2m_mongodb *m);

/* --- connect.c --- */

/* Create m->client and m->host from the configuration; nothing is sent.
 * V2M_CONFIG; V2M_TEMP: the name's SRV record was not found, or memory. */
int v2m_mongodb_connect(struct v2m_mongodb *m, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err);

/* --- errors.c --- */

/* Send libmongoc's log to v2m_debug(), and initialize it.  Call it before any
 * other function of libmongoc; thread-safe. */
void v2m_mongodb_quiet(void);

/* Set err from libmongoc's error: "cannot DOING: ...".  V2M_TEMP: may succeed
 * later; V2M_CONFIG: the account or password; V2M_BUG; V2M_UNAVAILABLE: others.
 * Returns -1. */
int v2m_mongodb_err(const struct v2m_mongodb *m, const bson_error_t *error,
    struct v2m_err *err, const char *doing, ...)
    __attribute__((format(printf, 4, 5)));

/* --- index.c --- */

int v2m_mongodb_index_objects(struct v2m_mongodb *m, struct v2m_err *err);
int v2m_mongodb_index_records(struct v2m_mongodb *m, struct v2m_err *err);

/* --- bson.c: read documents that other programs may have written --- */

/* A number of any BSON type; `other` if it is missing or not a number. */
int64_t v2m_mongodb_int(const bson_t *doc, const char *key, int64_t other);

/* A string, without control characters, cut to size; "" if it is missing or not
 * a string. */
void v2m_mongodb_text(const bson_t *doc, const char *key, char *dst,
    size_t size);

/* The document under a key; an empty one if there is none.  *inner is valid
 * while doc is, and need not be destroyed. */
void v2m_mongodb_inner(const bson_t *doc, const char *key, bson_t *inner);

/* Set *filter to { _id: ObjectId(id) }, to be destroyed. */
void v2m_mongodb_by_id(bson_t *filter, const char *id);

/* Get the _id.  false: it is not an ObjectId. */
bool v2m_mongodb_id(const bson_t *doc, char id[V2M_ID_SIZE]);

/* Find a document that matches.  1: *found is a copy, to be destroyed; 0: there
 * is none; -1: "cannot DOING". */
int v2m_mongodb_one(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, bson_t *found, const char *doing,
    struct v2m_err *err);

/* The same, the first one in an order: { member: 1, ... }. */
int v2m_mongodb_first(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const bson_t *order, bson_t *found,
    const char *doing, struct v2m_err *err);

/* --- change.c: compare-and-set on one document --- */

struct v2m_mongodb_change {
	mongoc_collection_t *in;
	const bson_t *by_id;		/* { _id: ... } */
	bool insert;			/* it must not exist */
	int64_t old_rev;		/* else its current revision */
	int64_t rev;			/* its new revision */
	const bson_t *members;		/* all other members to set */
	const char *doing;		/* "change the record of ..." */
};

/* 1: changed; 0: it has another revision, exists already, or is gone; -1: the
 * outcome may be unknown. */
int v2m_mongodb_change(struct v2m_mongodb *m,
    const struct v2m_mongodb_change *c, struct v2m_err *err);

/* Delete one document that matches.  1; 0: there is none; -1.  Also 1 if it is
 * gone after a try without a response. */
int v2m_mongodb_delete(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const char *doing, struct v2m_err *err);

/* --- files.c --- */

/* Members of a file's document that are needed to read its chunks. */
struct v2m_mongodb_file {
	bson_oid_t id;
	int64_t length;
	int32_t chunk_size;
};

/* Read a file's document.  1; 0: there is none; -1, V2M_IO: it is invalid.
 * object and file may be NULL. */
int v2m_mongodb_find(struct v2m_mongodb *m, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_mongodb_file *file,
    struct v2m_err *err);

int v2m_mongodb_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);

/* Insert the document with which chunks become an object.  1; 0: the ID has
 * another object; -1: the outcome may be unknown. */
int v2m_mongodb_publish(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *object, int32_t chunk_size,
    struct v2m_err *err);

/* Give the object's fence and created_at to a video with the same bytes and an
 * older or the same fence.  1; 0: there is no such video; -1. */
int v2m_mongodb_adopt(struct v2m_mongodb *m, const struct v2m_object *object,
    struct v2m_err *err);

/* Remove the document, if it is that of this object. */
int v2m_mongodb_unpublish(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_mongodb_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_mongodb_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* --- write.c, read.c --- */

void *v2m_mongodb_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_mongodb_write(void *writer, const void *buf, size_t n,
    struct v2m_err *err);
int v2m_mongodb_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err);
void v2m_mongodb_discard(void *writer);

void *v2m_mongodb_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);

/* A reader of a file without a document.  Its last chunk may be longer than its
 * length says. */
void *v2m_mongodb_read_partial(struct v2m_mongodb *m, enum v2m_kind kind,
    const char *id, const struct v2m_mongodb_file *file,
    struct v2m_err *err);
void v2m_mongodb_read_on(void *reader);
ssize_t v2m_mongodb_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err);
void v2m_mongodb_release(void *reader);

/* --- chunks.c: write the chunks of a file --- */

struct v2m_mongodb_chunks {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	bson_oid_t file;
	char id[V2M_ID_SIZE];		/* `file` as text */
	bson_t *docs[8];		/* chunks that wait to be sent */
	bson_oid_t ids[8];		/* their _id */
	size_t n, bytes;
	int32_t next;			/* number of the next chunk */
};

void v2m_mongodb_chunks_init(struct v2m_mongodb_chunks *c,
    struct v2m_mongodb *m, enum v2m_kind kind, const char *id);

/* Add a chunk, whose bytes are copied.  Chunks are sent when there are enough,
 * or by flush.  V2M_CANTCREATE: another writer has chunks of this ID. */
int v2m_mongodb_chunks_add(struct v2m_mongodb_chunks *c, const void *buf,
    size_t n, struct v2m_err *err);
int v2m_mongodb_chunks_flush(struct v2m_mongodb_chunks *c,
    struct v2m_err *err);

/* Remove the chunks that this writer has sent. */
void v2m_mongodb_chunks_undo(struct v2m_mongodb_chunks *c);
void v2m_mongodb_chunks_release(struct v2m_mongodb_chunks *c);

/* --- tidy.c --- */

int v2m_mongodb_tidy(void *self, const struct v2m_tidy *t,
    struct v2m_err *err);

/* --- records.c --- */

int v2m_mongodb_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err);
int v2m_mongodb_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err);
int v2m_mongodb_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err);
int v2m_mongodb_put(void *self, const struct v2m_record *r, int64_t old_rev,
    bool *full, struct v2m_err *err);
int v2m_mongodb_forget(void *self, const char *id, struct v2m_err *err);
int v2m_mongodb_next_fresh(void *self, const char *after,
    struct v2m_record *r, struct v2m_err *err);
int v2m_mongodb_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);
int v2m_mongodb_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err);
int v2m_mongodb_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err);
int v2m_mongodb_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err);

/* --- documents.c: as in struct v2m_records_ops --- */

int v2m_mongodb_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err);
int v2m_mongodb_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err);
int v2m_mongodb_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err);
int v2m_mongodb_document_list(void *self, const char *kind,
    int64_t until_before, const char *after, int limit,
    struct v2m_document **list, size_t *n, struct v2m_err *err);

/* --- fence.c: who holds a partial upload --- */

/* Set the upload's fence to this one.  V2M_DENIED: the stored one is higher. */
int v2m_mongodb_fence_raise(struct v2m_mongodb *m, const char *id,
    int64_t fence, struct v2m_err *err);

/* Check that the upload has this fence.  V2M_DENIED: it has another, or is
 * gone; v2m_mongodb_fence_lost() sets that error and returns -1.
 * v2m_mongodb_fence_drop() removes the fence. */
int v2m_mongodb_fence_check(struct v2m_mongodb *m, const char *id,
    int64_t fence, struct v2m_err *err);
int v2m_mongodb_fence_lost(const char *id, struct v2m_err *err);
int v2m_mongodb_fence_drop(struct v2m_mongodb *m, const char *id,
    struct v2m_err *err);

/* --- partials.c: as in struct v2m_objects_ops --- */

int64_t v2m_mongodb_partial_chunk_size(void *self);
int v2m_mongodb_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err);
int v2m_mongodb_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err);
int v2m_mongodb_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err);
void *v2m_mongodb_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err);
int v2m_mongodb_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_mongodb_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_mongodb_partial_erase(void *self, const char *id, struct v2m_err *err);

/* --- census.c --- */

int v2m_mongodb_census(void *self, struct v2m_census *census,
    struct v2m_err *err);

#endif
