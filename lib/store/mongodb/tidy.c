/* Remove chunks without a file document: of an upload that was killed, or that
 * is still in progress, as the document is written last. */
#include "store/mongodb/mongodb.h"

#include <stdio.h>
#include <string.h>

#define BATCH 1000		/* IDs per response */

struct tidy {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	const struct v2m_tidy *wanted;
};

static int
tidy_failed(const struct tidy *t, const bson_error_t *error, const char *id,
    struct v2m_err *err)
{
	return v2m_mongodb_err(t->m, error, err, "tidy what is left of %s", id);
}

/* Find the newest chunk of a file.  1: *newest is its _id; 0: there is none, or
 * an _id does not tell its age; -1. */
static int
newest_chunk(const struct tidy *t, const bson_oid_t *file,
    bson_oid_t *newest, bson_error_t *error)
{
	bson_t *filter = BCON_NEW("files_id", BCON_OID(file));
	bson_t *opts = BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}",
	    "batchSize", BCON_INT32(BATCH));
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(
	    t->m->chunks[t->kind], filter, opts, NULL);
	const bson_t *doc;
	bson_iter_t it;
	int ret = 0;

	while (mongoc_cursor_next(cursor, &doc)) {
		if (!bson_iter_init_find(&it, doc, "_id") ||
		    !BSON_ITER_HOLDS_OID(&it)) {
			ret = 0;
			break;
		}
		if (ret == 0 || bson_oid_compare(bson_iter_oid(&it),
		    newest) > 0)
			bson_oid_copy(bson_iter_oid(&it), newest);
		ret = 1;
	}
	if (mongoc_cursor_error(cursor, error))
		ret = -1;
	mongoc_cursor_destroy(cursor);
	bson_destroy(opts);
	bson_destroy(filter);
	return ret;
}

/* Remove the chunks that were seen, and no newer ones. */
static int
remove_chunks(const struct tidy *t, const bson_oid_t *file,
    const bson_oid_t *newest, const char *id, struct v2m_err *err)
{
	bson_t *filter = BCON_NEW("files_id", BCON_OID(file), "_id", "{",
	    "$lte", BCON_OID(newest), "}");
	bson_error_t error;
	bool gone = mongoc_collection_delete_many(t->m->chunks[t->kind],
	    filter, NULL, NULL, &error);

	bson_destroy(filter);
	return gone ? 0 : tidy_failed(t, &error, id, err);
}

static int
tidy_file(const struct tidy *t, const bson_oid_t *file, struct v2m_err *err)
{
	char id[V2M_ID_SIZE], shown[64];
	bson_oid_t newest;
	bson_error_t error;
	int found;

	bson_oid_to_string(file, id);
	found = v2m_mongodb_find(t->m, t->kind, id, NULL, NULL, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	found = newest_chunk(t, file, &newest, &error);
	if (found < 0)
		return tidy_failed(t, &error, id, err);
	if (found == 0 ||
	    (int64_t)bson_oid_get_time_t(&newest) * 1000 >=
	    t->wanted->before_ms)
		return 0;
	/* A partial upload may pause for longer than that. */
	found = t->kind == V2M_VIDEO ? t->wanted->is_partial(
	    t->wanted->partials, id, err) : 0;
	if (found != 0)
		return found < 0 ? -1 : 0;
	/* The file's document may have been written meanwhile. */
	found = v2m_mongodb_find(t->m, t->kind, id, NULL, NULL, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	snprintf(shown, sizeof shown, "%s.fs.chunks/%s",
	    t->kind == V2M_VIDEO ? "videos" : "mp3s", id);
	t->wanted->each(t->wanted->arg, shown);
	return t->wanted->dry ? 0 : remove_chunks(t, file, &newest, id, err);
}

/* Reads only the index: the chunks are the whole store. */
static mongoc_cursor_t *
all_chunks(const struct tidy *t)
{
	bson_t *opts = BCON_NEW("projection", "{", "_id", BCON_INT32(0),
	    "files_id", BCON_INT32(1), "}", "hint", "{", "files_id",
	    BCON_INT32(1), "n", BCON_INT32(1), "}", "batchSize",
	    BCON_INT32(BATCH));
	bson_t any = BSON_INITIALIZER;
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(
	    t->m->chunks[t->kind], &any, opts, NULL);

	bson_destroy(&any);
	bson_destroy(opts);
	return cursor;
}

static int
tidy_kind(const struct tidy *t, struct v2m_err *err)
{
	mongoc_cursor_t *cursor = all_chunks(t);
	bson_oid_t last = { { 0 } };
	const bson_t *doc;
	bson_error_t error;
	bson_iter_t it;
	int ret = 0;

	while (ret == 0 && mongoc_cursor_next(cursor, &doc)) {
		if (!bson_iter_init_find(&it, doc, "files_id") ||
		    !BSON_ITER_HOLDS_OID(&it) ||
		    bson_oid_equal(bson_iter_oid(&it), &last))
			continue;
		bson_oid_copy(bson_iter_oid(&it), &last);
		ret = tidy_file(t, &last, err);
	}
	if (ret == 0 && mongoc_cursor_error(cursor, &error))
		ret = tidy_failed(t, &error, "all files", err);
	mongoc_cursor_destroy(cursor);
	return ret;
}

/* A fence without a partial upload, and so old that none can be in progress:
 * the upload's document is written before the fence and removed before it. */
static int
tidy_fence(const struct tidy *t, const char *id, struct v2m_err *err)
{
	const struct v2m_tidy *wanted = t->wanted;
	char shown[64];
	int found;

	if (v2m_id_time_ms(id) >= wanted->before_ms)
		return 0;
	found = wanted->is_partial(wanted->partials, id, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	snprintf(shown, sizeof shown, "videos.v2m.partials/%s", id);
	wanted->each(wanted->arg, shown);
	return wanted->dry ? 0 : v2m_mongodb_fence_drop(t->m, id, err);
}

static int
tidy_fences(const struct tidy *t, struct v2m_err *err)
{
	bson_t any = BSON_INITIALIZER;
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(
	    t->m->partials, &any, NULL, NULL);
	char id[V2M_ID_SIZE];
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	while (ret == 0 && mongoc_cursor_next(cursor, &doc))
		if (v2m_mongodb_id(doc, id))
			ret = tidy_fence(t, id, err);
	if (ret == 0 && mongoc_cursor_error(cursor, &error))
		ret = tidy_failed(t, &error, "all uploads", err);
	mongoc_cursor_destroy(cursor);
	bson_destroy(&any);
	return ret;
}

int
v2m_mongodb_tidy(void *self, const struct v2m_tidy *wanted,
    struct v2m_err *err)
{
	struct tidy t = { self, V2M_VIDEO, wanted };

	if (tidy_kind(&t, err) < 0 || tidy_fences(&t, err) < 0)
		return -1;
	t.kind = V2M_MP3;
	return tidy_kind(&t, err);
}
