/* Partial uploads.  Their chunks are in videos.fs.chunks with the final ID as
 * files_id, and become a file by its document.
 *
 * The fence is in the collection v2m.partials of `videos` (fence.c); each write
 * checks it before and after.  In case a process stops after the check, chunks
 * have a fence, too: a chunk is inserted if there is none, and replaced only by
 * one with the same or a higher fence.  So an older holder cannot overwrite
 * chunks of a newer one, and its own chunks are overwritten.  A process that
 * has inserted a chunk and then finds that it has lost the fence removes it
 * again. */
#include "store/mongodb/mongodb.h"

#include <stddef.h>

#include "base/fault.h"
#include "base/id.h"

#define BATCH_CHUNKS 8
#define BATCH_BYTES (2 << 20)	/* bytes per request, about */

int64_t
v2m_mongodb_partial_chunk_size(void *self)
{
	return ((struct v2m_mongodb *)self)->chunk_size;
}

int
v2m_mongodb_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err)
{
	return v2m_mongodb_fence_raise(self, id, fence, err);
}

/* Bytes after size are overwritten later, or removed at the end. */
int
v2m_mongodb_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err)
{
	(void)size;
	(void)chunk_size;
	return v2m_mongodb_fence_raise(self, id, fence, err);
}

/* --- chunks --- */

struct batch {
	struct v2m_mongodb *m;
	const char *id;
	bson_oid_t file;
	int64_t fence;
	int32_t first, n;	/* numbers of chunks */
	bson_oid_t ids[BATCH_CHUNKS];	/* _id of those that are inserted */
	const uint8_t *bytes;
	size_t size, chunk_size;
};

/* The bytes of chunk i of the batch. */
static const uint8_t *
bytes_of(const struct batch *b, int32_t i, uint32_t *n)
{
	size_t at = (size_t)i * b->chunk_size;

	*n = (uint32_t)(b->size - at < b->chunk_size ? b->size - at :
	    b->chunk_size);
	return b->bytes + at;
}

static bson_t *
new_chunk(struct batch *b, int32_t i)
{
	const uint8_t *bytes;
	char id[V2M_ID_SIZE];
	bson_t *doc;
	uint32_t n;

	bytes = bytes_of(b, i, &n);
	doc = bson_sized_new(n + 160);
	v2m_id_new(id);
	bson_oid_init_from_string(&b->ids[i], id);
	BSON_APPEND_OID(doc, "_id", &b->ids[i]);
	BSON_APPEND_OID(doc, "files_id", &b->file);
	BSON_APPEND_INT32(doc, "n", b->first + i);
	BSON_APPEND_BINARY(doc, "data", BSON_SUBTYPE_BINARY, bytes, n);
	BSON_APPEND_INT64(doc, "fence", b->fence);
	return doc;
}

static int
batch_failed(const struct batch *b, const bson_error_t *error,
    struct v2m_err *err)
{
	return v2m_mongodb_err(b->m, error, err, "store the upload %s", b->id);
}

/* 1: all were inserted; 0: some existed already; -1. */
static int
insert_all(struct batch *b, struct v2m_err *err)
{
	bson_t *opts = BCON_NEW("ordered", BCON_BOOL(false));
	bson_t *docs[BATCH_CHUNKS];
	bson_error_t error;
	bool sent;
	int32_t i;

	for (i = 0; i < b->n; i++)
		docs[i] = new_chunk(b, i);
	sent = mongoc_collection_insert_many(b->m->chunks[V2M_VIDEO],
	    (const bson_t **)docs, (size_t)b->n, opts, NULL, &error);
	for (i = 0; i < b->n; i++)
		bson_destroy(docs[i]);
	bson_destroy(opts);
	if (sent)
		return 1;
	return error.code == V2M_MONGODB_DUPLICATE ? 0 :
	    batch_failed(b, &error, err);
}

/* Replace a chunk.  V2M_DENIED: the stored one has a higher fence. */
static int
replace(const struct batch *b, int32_t i, struct v2m_err *err)
{
	bson_t *filter, *update, reply;
	const uint8_t *bytes;
	bson_error_t error;
	uint32_t n;
	int ret;

	bytes = bytes_of(b, i, &n);
	filter = BCON_NEW("files_id", BCON_OID(&b->file), "n",
	    BCON_INT32(b->first + i), "fence", "{", "$lte",
	    BCON_INT64(b->fence), "}");
	update = BCON_NEW("$set", "{", "data", BCON_BIN(BSON_SUBTYPE_BINARY,
	    bytes, n), "fence", BCON_INT64(b->fence), "}");
	if (!mongoc_collection_update_one(b->m->chunks[V2M_VIDEO], filter,
	    update, NULL, &reply, &error))
		ret = batch_failed(b, &error, err);
	else if (v2m_mongodb_int(&reply, "matchedCount", 0) == 1)
		ret = 0;
	else
		ret = v2m_mongodb_fence_lost(b->id, err);
	bson_destroy(&reply);
	bson_destroy(filter);
	bson_destroy(update);
	return ret;
}

/* The chunks were written by an older holder or by this process: a short chunk
 * was saved, or a response was lost. */
static int
replace_all(const struct batch *b, struct v2m_err *err)
{
	int32_t i;

	for (i = 0; i < b->n; i++)
		if (replace(b, i, err) < 0)
			return -1;
	return 0;
}

/* Remove the chunks that this try has inserted, unless a newer holder has
 * replaced them.  A chunk that existed before stays, as it may be part of a
 * save. */
static void
take_back(const struct batch *b)
{
	bson_t *filter;
	bson_error_t error;
	int32_t i;

	for (i = 0; i < b->n; i++) {
		filter = BCON_NEW("files_id", BCON_OID(&b->file), "n",
		    BCON_INT32(b->first + i), "_id", BCON_OID(&b->ids[i]),
		    "fence", BCON_INT64(b->fence));
		mongoc_collection_delete_one(b->m->chunks[V2M_VIDEO], filter,
		    NULL, NULL, &error);
		bson_destroy(filter);
	}
}

static int
send_once(struct batch *b, struct v2m_err *err)
{
	int in;

	if (v2m_mongodb_fence_check(b->m, b->id, b->fence, err) < 0)
		return -1;
	in = insert_all(b, err);
	if (in < 0 || (in == 0 && replace_all(b, err) < 0))
		return -1;
	if (v2m_mongodb_fence_check(b->m, b->id, b->fence, err) == 0)
		return 0;
	if (err->code == V2M_DENIED)
		take_back(b);
	return -1;
}

static int
send_batch(struct batch *b, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	int ret;

	do
		ret = send_once(b, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

/* How many chunks go into one message. */
static size_t
batch_of(size_t chunk_size)
{
	size_t n = BATCH_BYTES / chunk_size;

	return n < 1 ? 1 : n > BATCH_CHUNKS ? BATCH_CHUNKS : n;
}

int
v2m_mongodb_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err)
{
	struct batch b = { .m = self, .id = id, .fence = fence, .bytes = buf,
	    .chunk_size = (size_t)chunk_size };
	size_t most = batch_of(b.chunk_size) * b.chunk_size;

	bson_oid_init_from_string(&b.file, id);
	if ((offset + (int64_t)n) / chunk_size >= INT32_MAX)
		return v2m_err_set(err, V2M_CANTCREATE, "the file is too "
		    "large for a chunk_size of %lld", (long long)chunk_size);
	b.first = (int32_t)(offset / chunk_size);
	for (; n > 0; n -= b.size, b.bytes += b.size, b.first += b.n) {
		b.size = n < most ? n : most;
		b.n = (int32_t)((b.size + b.chunk_size - 1) / b.chunk_size);
		if (send_batch(&b, err) < 0)
			return -1;
	}
	return 0;
}

static void
describe_file(struct v2m_mongodb_file *file, const char *id, int64_t size,
    int64_t chunk_size)
{
	bson_oid_init_from_string(&file->id, id);
	file->length = size;
	file->chunk_size = (int32_t)chunk_size;
}

void *
v2m_mongodb_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	struct v2m_mongodb_file file;

	describe_file(&file, id, size, chunk_size);
	return v2m_mongodb_read_partial(self, V2M_VIDEO, id, &file, err);
}

/* --- its end --- */

/* Delete the chunks from number `from` on with a fence up to this one. */
static int
delete_chunks(struct v2m_mongodb *m, const char *id, int32_t from,
    int64_t fence, struct v2m_err *err)
{
	bson_error_t error;
	bson_oid_t oid;
	bson_t *filter;
	bool fine;

	bson_oid_init_from_string(&oid, id);
	filter = BCON_NEW("files_id", BCON_OID(&oid), "n", "{", "$gte",
	    BCON_INT32(from), "}", "fence", "{", "$lte", BCON_INT64(fence),
	    "}");
	fine = mongoc_collection_delete_many(m->chunks[V2M_VIDEO], filter,
	    NULL, NULL, &error);
	bson_destroy(filter);
	return fine ? 0 : v2m_mongodb_err(m, &error, err,
	    "remove chunks of the upload %s", id);
}

int
v2m_mongodb_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err)
{
	int32_t n = (int32_t)((object->length + chunk_size - 1) / chunk_size);
	struct v2m_mongodb *m = self;
	int made;

	if (v2m_fault("store-written", err) < 0 ||
	    v2m_mongodb_fence_check(m, object->id, object->fence, err) < 0 ||
	    delete_chunks(m, object->id, n, object->fence, err) < 0 ||
	    v2m_fault("store-linked", err) < 0)
		return -1;
	made = v2m_mongodb_publish(m, V2M_VIDEO, object, (int32_t)chunk_size,
	    err);
	if (made == 0)	/* an earlier holder had got as far */
		made = v2m_mongodb_adopt(m, object, err);
	return made == 1 && v2m_fault("store-committed", err) < 0 ? -1 : made;
}

int
v2m_mongodb_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err)
{
	return v2m_mongodb_unpublish(self, V2M_VIDEO, object, err);
}

/* The fence is removed first: later writers find that they have lost it.  A
 * process that publishes the file after v2m_mongodb_find() finds the upload's
 * document gone, and removes the file again. */
int
v2m_mongodb_partial_erase(void *self, const char *id, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	int found = v2m_mongodb_fence_drop(m, id, err) < 0 ? -1 :
	    v2m_mongodb_find(m, V2M_VIDEO, id, NULL, NULL, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	return delete_chunks(m, id, 0, INT64_MAX, err);
}
