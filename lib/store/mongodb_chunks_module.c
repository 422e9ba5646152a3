/* Chunks of a file on their way out.
 *
 * Their IDs are ObjectIds that share nine bytes, of time and chance, and end
 * with the number of the chunk: so each try of an upload can tell its own
 * chunks from others' without remembering them. */
#include "store/mongodb.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"

#define BATCH_BYTES (2 << 20)	/* of a message to the server, about */

void
v2m_mongodb_chunks_init(struct v2m_mongodb_chunks *c, struct v2m_mongodb *m,
    enum v2m_kind kind, const char *id)
{
	uint32_t now = (uint32_t)time(NULL);

	memset(c, 0, sizeof *c);
	c->m = m;
	c->kind = kind;
	memcpy(c->id, id, sizeof c->id);
	bson_oid_init_from_string(&c->file, id);
	v2m_random(c->own.bytes + 4, 5);
	c->own.bytes[0] = (uint8_t)(now >> 24);
	c->own.bytes[1] = (uint8_t)(now >> 16);
	c->own.bytes[2] = (uint8_t)(now >> 8);
	c->own.bytes[3] = (uint8_t)now;
}

static void
forget(struct v2m_mongodb_chunks *c)
{
	while (c->n > 0)
		bson_destroy(c->docs[--c->n]);
	c->bytes = 0;
}

void
v2m_mongodb_chunks_release(struct v2m_mongodb_chunks *c)
{
	forget(c);
}

static bson_oid_t
own_id(const struct v2m_mongodb_chunks *c, int32_t n)
{
	bson_oid_t oid = c->own;

	oid.bytes[9] = (uint8_t)(n >> 16);
	oid.bytes[10] = (uint8_t)(n >> 8);
	oid.bytes[11] = (uint8_t)n;
	return oid;
}

/* { files_id, _id: from chunk `first` to chunk `last` of ours } */
static void
match_own(const struct v2m_mongodb_chunks *c, int32_t first, int32_t last,
    bson_t *filter)
{
	bson_oid_t low = own_id(c, first), high = own_id(c, last);
	bson_t range;

	bson_init(filter);
	BSON_APPEND_OID(filter, "files_id", &c->file);
	BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
	BSON_APPEND_OID(&range, "$gte", &low);
	BSON_APPEND_OID(&range, "$lte", &high);
	bson_append_document_end(filter, &range);
}

/* How many of those that wait are there already; -1 with *error. */
static int
count_own(const struct v2m_mongodb_chunks *c, bson_error_t *error)
{
	bson_t *opts = BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}");
	mongoc_cursor_t *cursor;
	const bson_t *doc;
	bson_t filter;
	int n = 0;

	match_own(c, c->next - (int32_t)c->n, c->next - 1, &filter);
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

/* A place that is taken may be taken by ourselves, where an answer was lost:
 * 0 all of ours are there. */
static int
settle(const struct v2m_mongodb_chunks *c, struct v2m_err *err)
{
	char what[V2M_MONGODB_WHAT];
	bson_error_t error;
	int n = count_own(c, &error);

	v2m_mongodb_what(what, c->kind, c->id);
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
	char what[V2M_MONGODB_WHAT];
	bson_error_t error;
	bool sent = mongoc_collection_insert_many(c->m->chunks[c->kind],
	    (const bson_t **)c->docs, c->n, opts, NULL, &error);

	bson_destroy(opts);
	if (sent)
		return 0;
	if (error.code == V2M_MONGODB_DUPLICATE)
		return settle(c, err);
	return v2m_mongodb_err(c->m, &error, err, "store %s",
	    v2m_mongodb_what(what, c->kind, c->id));
}

int
v2m_mongodb_chunks_flush(struct v2m_mongodb_chunks *c, struct v2m_err *err)
{
	struct v2m_err failure = { 0 };
	int64_t since = v2m_mono_ms();

	if (c->n == 0)
		return 0;
	do {
		if (send_once(c, &failure) == 0) {
			forget(c);
			return 0;
		}
	} while (v2m_mongodb_again(since, &failure));
	if (err != NULL)
		*err = failure;
	return -1;
}

int
v2m_mongodb_chunks_add(struct v2m_mongodb_chunks *c, const void *buf,
    size_t n, struct v2m_err *err)
{
	bson_oid_t oid = own_id(c, c->next);
	bson_t *doc;

	/* What three bytes can count: 4 TiB in chunks of 255 KiB. */
	if (c->next >= 1 << 24)
		return v2m_err_set(err, V2M_CANTCREATE, "the file is too "
		    "large for a chunk_size of %d", (int)c->m->chunk_size);
	doc = bson_sized_new(n + 128);
	BSON_APPEND_OID(doc, "_id", &oid);
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

/* Where the server is away they stay, for v2m-prune. */
void
v2m_mongodb_chunks_undo(struct v2m_mongodb_chunks *c)
{
	bson_error_t error;
	bson_t filter;

	if (c->next == 0)
		return;
	match_own(c, 0, (1 << 24) - 1, &filter);
	mongoc_collection_delete_many(c->m->chunks[c->kind], &filter, NULL,
	    NULL, &error);
	bson_destroy(&filter);
}
