/* mongodb.h - a store on MongoDB: mongodb://host:27017/?option=value
 *
 * The driver gridfs keeps objects: videos are GridFS files (bucket fs) in the
 * database `videos`, MP3s in `mp3s`, as existing deployments have them; what
 * has come of uploads is in `videos` too.  The driver mongodb keeps records,
 * the collection v2m.jobs of `videos`, and documents (document.h), its
 * collection v2m.notes.  Where both are in use on one server, they share a
 * connection.  Private to the two, the rules are store.h's.
 *
 * A file's document is written last and removed first: it makes the chunks an
 * object.  Everything is written with w=majority and journal, read from the
 * primary, and ends within the time-outs of connect.c and retry.c.
 *
 * Files: driver.c (opening, the tables of functions), connect.c (the server's
 * address and account), server.c (what it says of itself), errors.c (what went
 * wrong), retry.c, index.c (v2m-init), bson.c (documents as strangers make
 * them).  Of gridfs: files.c (documents of files), write.c, chunks.c and read.c
 * (their bytes), partials.c and fence.c (partial uploads), tidy.c (what was
 * left).  Of mongodb: records.c, census.c, documents.c, change.c
 * (compare-and-set).
 */
#ifndef V2M_STORE_MONGODB_H
#define V2M_STORE_MONGODB_H

#include <mongoc/mongoc.h>

#include "store/store.h"

#define V2M_MONGODB_DUPLICATE 11000	/* the server's code for E11000 */

struct v2m_mongodb {
	mongoc_client_t *client;
	mongoc_collection_t *files[2], *chunks[2];	/* by enum v2m_kind */
	mongoc_collection_t *partials;		/* their fences */
	mongoc_collection_t *jobs, *documents;
	int32_t chunk_size;
	int halves;		/* drivers that use it: closed by the last */
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

/* How long after its begin a step is still tried again.  In the middle of an
 * object's bytes a restart or an election is waited for; a question is asked
 * again when its connection was cut, and fails soon where the server is
 * away. */
#define V2M_MONGODB_BYTES_MS 12000
#define V2M_MONGODB_ASK_MS 3000

struct v2m_mongodb_try {
	int64_t until_ms;	/* monotonic */
	bool lost;		/* one try has failed: it may have been done */
	struct v2m_err failure;	/* of the latest try */
};

/* Begins now. */
struct v2m_mongodb_try v2m_mongodb_try(int64_t most_ms);

/* After a try that returned ret: sleep and say true where another is due.
 * False: it succeeded (ret >= 0), or it is to be given up and *err, which may
 * be NULL, says why: the time is over, it would fail again, or the process was
 * told twice to stop. */
bool v2m_mongodb_again(struct v2m_mongodb_try *t, int ret,
    struct v2m_err *err);

/* --- server.c: what the server says of itself --- */

/* Its time, in ms since 1970. */
int v2m_mongodb_now(void *self, int64_t *now_ms, struct v2m_err *err);

/* Where updates are not atomic (FerretDB 1.x), say once per process that one
 * worker and one notifier may run. */
void v2m_mongodb_warn_once(struct v2m_mongodb *m);

/* --- connect.c --- */

/* Make m->client, without asking the server yet. */
int v2m_mongodb_connect(struct v2m_mongodb *m, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err);

/* --- errors.c --- */

/* Make libmongoc silent; once per process, before anything of it is used. */
void v2m_mongodb_quiet(void);

/* Translate: "cannot DOING: ...".  Returns -1. */
int v2m_mongodb_err(const struct v2m_mongodb *m, const bson_error_t *error,
    struct v2m_err *err, const char *doing, ...)
    __attribute__((format(printf, 4, 5)));

/* --- index.c --- */

int v2m_mongodb_index_objects(struct v2m_mongodb *m, struct v2m_err *err);
int v2m_mongodb_index_records(struct v2m_mongodb *m, struct v2m_err *err);

/* --- bson.c: documents as others may have made them --- */

/* A number of any kind, or other. */
int64_t v2m_mongodb_int(const bson_t *doc, const char *key, int64_t other);

/* The bytes of a text that is one and fits, cleaned; else "". */
void v2m_mongodb_text(const bson_t *doc, const char *key, char *dst,
    size_t size);

/* The document under a key; an empty one where there is none.  *inner is
 * valid while doc is, and need not be destroyed. */
void v2m_mongodb_inner(const bson_t *doc, const char *key, bson_t *inner);

/* { _id: ObjectId(id) }, to be destroyed. */
void v2m_mongodb_by_id(bson_t *filter, const char *id);

/* The _id, where it is an ObjectId. */
bool v2m_mongodb_id(const bson_t *doc, char id[V2M_ID_SIZE]);

/* A document that matches: 1 with a copy in *found, to be destroyed;
 * 0; -1 with "cannot DOING". */
int v2m_mongodb_one(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, bson_t *found, const char *doing,
    struct v2m_err *err);

/* The same, of many the first in an order: { member: 1, ... }. */
int v2m_mongodb_first(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const bson_t *order, bson_t *found,
    const char *doing, struct v2m_err *err);

/* --- change.c: compare-and-set on one document --- */

struct v2m_mongodb_change {
	mongoc_collection_t *in;
	const bson_t *by_id;		/* { _id: ... } */
	bool insert;			/* there must be none */
	int64_t old_rev;		/* else, the one it has */
	int64_t rev;			/* the new one */
	const bson_t *members;		/* all the rest */
	const char *doing;		/* "change the record of ..." */
};

/* 1; 0 it has another revision, or is there already, or is gone; -1. */
int v2m_mongodb_change(struct v2m_mongodb *m,
    const struct v2m_mongodb_change *c, struct v2m_err *err);

/* Delete one that matches: 1, 0, -1.  Where an answer was lost, 1. */
int v2m_mongodb_delete(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const char *doing, struct v2m_err *err);

/* --- files.c --- */

/* What of a file's document is needed to read its chunks. */
struct v2m_mongodb_file {
	bson_oid_t id;
	int64_t length;
	int32_t chunk_size;
};

/* 1; 0 where there is none; -1, V2M_IO where the document makes no sense.
 * object and file may be NULL. */
int v2m_mongodb_find(struct v2m_mongodb *m, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_mongodb_file *file,
    struct v2m_err *err);

int v2m_mongodb_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);

/* Insert the document that makes chunks an object: 1; 0 where the ID has one
 * that is not this; -1, with the outcome unknown. */
int v2m_mongodb_publish(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *object, int32_t chunk_size,
    struct v2m_err *err);

/* Put this fence and created_at on a video with the same bytes that has an
 * older fence, or this one: 1, 0, -1. */
int v2m_mongodb_adopt(struct v2m_mongodb *m, const struct v2m_object *object,
    struct v2m_err *err);

/* Take it back, and nobody else's. */
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

/* Of a file that has no document yet.  Its last chunk may be longer than its
 * length says. */
void *v2m_mongodb_read_partial(struct v2m_mongodb *m, enum v2m_kind kind,
    const char *id, const struct v2m_mongodb_file *file,
    struct v2m_err *err);
void v2m_mongodb_read_on(void *reader);
ssize_t v2m_mongodb_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err);
void v2m_mongodb_release(void *reader);

/* --- chunks.c: chunks of a file on their way out --- */

struct v2m_mongodb_chunks {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	bson_oid_t file;
	char id[V2M_ID_SIZE];		/* the same as text */
	bson_t *docs[8];		/* those that wait to be sent */
	bson_oid_t ids[8];		/* their own */
	size_t n, bytes;
	int32_t next;			/* the number of the next chunk */
};

void v2m_mongodb_chunks_init(struct v2m_mongodb_chunks *c,
    struct v2m_mongodb *m, enum v2m_kind kind, const char *id);

/* Copy one chunk's bytes; what has gathered is sent when it is enough, or by
 * flush.  V2M_CANTCREATE: somebody else's chunk is in the place of ours. */
int v2m_mongodb_chunks_add(struct v2m_mongodb_chunks *c, const void *buf,
    size_t n, struct v2m_err *err);
int v2m_mongodb_chunks_flush(struct v2m_mongodb_chunks *c,
    struct v2m_err *err);

/* Remove those that we sent, and nobody else's. */
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

/* Hold it with this fence.  V2M_DENIED: somebody has a higher one. */
int v2m_mongodb_fence_raise(struct v2m_mongodb *m, const char *id,
    int64_t fence, struct v2m_err *err);

/* V2M_DENIED: the upload has another, or is gone. */
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
