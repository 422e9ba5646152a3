/* Write the chunks of a file.
 *
 * As (files_id, n) is unique, chunks that the server has accepted are ours.  If
 * a response was lost, the chunks' own _id tells. */
#include "store/mongodb/mongodb.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"

#define BATCH_BYTES (2 << 20)	/* bytes per request, about */

void
v2m_mongodb_chunks_init(struct v2m_mongodb_chunks *c, struct v2m_mongodb *m,
    enum v2m_kind kind, const char *id)
{
	memset(c, 0, sizeof *c);
	c->m = m;
	c->kind = kind;
	memcpy(c->id, id, sizeof c->id);
	bson_oid_init_from_string(&c->file, id);
}

static void
forget_chunks(struct v2m_mongodb_chunks *c)
{
	while (c->n > 0)
		bson_destroy(c->docs[--c->n]);
	c->bytes = 0;
}

void
v2m_mongodb_chunks_release(struct v2m_mongodb_chunks *c)
{
	forget_chunks(c);
}

/* { files_id, _id: one of the waiting chunks' } */
static void
match_waiting(const struct v2m_mongodb_chunks *c, bson_t *filter)
{
	bson_t in, ids;
	char key[24];
	size_t i;

	bson_init(filter);
	BSON_APPEND_OID(filter, "files_id", &c->file);
	BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &in);
	BSON_APPEND_ARRAY_BEGIN(&in, "$in", &ids);
	for (i = 0; i < c->n; i++) {
		snprintf(key, sizeof key, "%zu", i);
		BSON_APPEND_OID(&ids, key, &c->ids[i]);
	}
	bson_append_array_end(&in, &ids);
	bson_append_document_end(filter, &in);
}

/* How many of the waiting chunks are stored already; -1 with *error. */
static int
count_own(const struct v2m_mongodb_chunks *c, bson_error_t *error)
{
	bson_t *opts = BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}");
	mongoc_cursor_t *cursor;
	const bson_t *doc;
	bson_t filter;
	int n = 0;

	match_waiting(c, &filter);
	cursor = mongoc_collection_find_with_opts(c->m->chunks[c->kind],
	    &filter, opts, NULL);
	while (mongoc_cursor_next(cursor, &doc))
		n++;
	if (mongoc_cursor_error(cursor, error))
		n = -1;
	mongoc_cursor_destroy(cursor);
	bson_destroy(&filter);
	bson_destroy(opts);
	return n;
}

/* A duplicate key may be due to an own try without a response.  0: all stored
 * chunks are ours. */
static int
check_taken(const struct v2m_mongodb_chunks *c, struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT];
	bson_error_t error;
	int n = count_own(c, &error);

	v2m_object_what(what, c->kind, c->id);
	if (n < 0)
		return v2m_mongodb_err(c->m, &error, err, "store %s", what);
	if ((size_t)n == c->n)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE, "there is %s already, or "
	    "chunks of it", what);
}

static int
send_once(const struct v2m_mongodb_chunks *c, struct v2m_err *err)
{
	bson_t *opts = BCON_NEW("ordered", BCON_BOOL(false));
	char what[V2M_OBJECT_WHAT];
	bson_error_t error;
	bool sent = mongoc_collection_insert_many(c->m->chunks[c->kind],
	    (const bson_t **)c->docs, c->n, opts, NULL, &error);

	bson_destroy(opts);
	if (sent)
		return 0;
	if (error.code == V2M_MONGODB_DUPLICATE)
		return check_taken(c, err);
	return v2m_mongodb_err(c->m, &error, err, "store %s",
	    v2m_object_what(what, c->kind, c->id));
}

int
v2m_mongodb_chunks_flush(struct v2m_mongodb_chunks *c, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	int ret;

	if (c->n == 0)
		return 0;
	do
		ret = send_once(c, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	if (ret == 0)
		forget_chunks(c);
	return ret;
}

int
v2m_mongodb_chunks_add(struct v2m_mongodb_chunks *c, const void *buf,
    size_t n, struct v2m_err *err)
{
	bson_oid_t *oid = &c->ids[c->n];
	char id[V2M_ID_SIZE];
	bson_t *doc;

	if (c->next == INT32_MAX)
		return v2m_err_set(err, V2M_CANTCREATE, "the file is too "
		    "large for a chunk_size of %d", (int)c->m->chunk_size);
	v2m_id_new(id);
	bson_oid_init_from_string(oid, id);
	doc = bson_sized_new(n + 128);
	BSON_APPEND_OID(doc, "_id", oid);
	BSON_APPEND_OID(doc, "files_id", &c->file);
	BSON_APPEND_INT32(doc, "n", c->next);
	BSON_APPEND_BINARY(doc, "data", BSON_SUBTYPE_BINARY, buf,
	    (uint32_t)n);
	c->docs[c->n++] = doc;
	c->bytes += n;
	c->next++;
	if (c->n == sizeof c->docs / sizeof c->docs[0] ||
	    c->bytes >= BATCH_BYTES)
		return v2m_mongodb_chunks_flush(c, err);
	return 0;
}

static void
delete_chunks(const struct v2m_mongodb_chunks *c, const bson_t *filter)
{
	bson_error_t error;

	mongoc_collection_delete_many(c->m->chunks[c->kind], filter, NULL,
	    NULL, &error);
}

/* If the server does not answer they stay, and v2m-prune removes them. */
void
v2m_mongodb_chunks_undo(struct v2m_mongodb_chunks *c)
{
	int32_t taken = c->next - (int32_t)c->n;
	bson_t filter, below;

	if (taken > 0) {
		bson_init(&filter);
		BSON_APPEND_OID(&filter, "files_id", &c->file);
		BSON_APPEND_DOCUMENT_BEGIN(&filter, "n", &below);
		BSON_APPEND_INT32(&below, "$lt", taken);
		bson_append_document_end(&filter, &below);
		delete_chunks(c, &filter);
		bson_destroy(&filter);
	}
	if (c->n > 0) {
		match_waiting(c, &filter);
		delete_chunks(c, &filter);
		bson_destroy(&filter);
	}
}
