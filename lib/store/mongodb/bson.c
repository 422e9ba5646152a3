#include "store/mongodb/mongodb.h"


int64_t
v2m_mongodb_int(const bson_t *doc, const char *key, int64_t other)
{
	bson_iter_t it;
	double d;

	if (!bson_iter_init_find(&it, doc, key) || !BSON_ITER_HOLDS_NUMBER(&it))
		return other;
	if (!BSON_ITER_HOLDS_DOUBLE(&it))
		return bson_iter_as_int64(&it);
	/* Some writers have no other numbers; casting larger ones is
	 * undefined. */
	d = bson_iter_double(&it);
	return d > -9e15 && d < 9e15 ? (int64_t)d : other;
}

void
v2m_mongodb_text(const bson_t *doc, const char *key, char *dst, size_t size)
{
	bson_iter_t it;

	v2m_text_copy(dst, size, bson_iter_init_find(&it, doc, key) &&
	    BSON_ITER_HOLDS_UTF8(&it) ? bson_iter_utf8(&it, NULL) : NULL);
}

void
v2m_mongodb_inner(const bson_t *doc, const char *key, bson_t *inner)
{
	const uint8_t *data;
	bson_iter_t it;
	uint32_t n;

	if (bson_iter_init_find(&it, doc, key) &&
	    BSON_ITER_HOLDS_DOCUMENT(&it)) {
		bson_iter_document(&it, &n, &data);
		if (bson_init_static(inner, data, n))
			return;
	}
	bson_init(inner);
}

void
v2m_mongodb_by_id(bson_t *filter, const char *id)
{
	bson_oid_t oid;

	bson_oid_init_from_string(&oid, id);
	bson_init(filter);
	BSON_APPEND_OID(filter, "_id", &oid);
}

bool
v2m_mongodb_id(const bson_t *doc, char id[V2M_ID_SIZE])
{
	bson_iter_t it;

	if (!bson_iter_init_find(&it, doc, "_id") || !BSON_ITER_HOLDS_OID(&it))
		return false;
	bson_oid_to_string(bson_iter_oid(&it), id);
	return true;
}

static int
first_once(mongoc_collection_t *in, const bson_t *filter, const bson_t *opts,
    bson_t *found, bson_error_t *error)
{
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(in, filter,
	    opts, NULL);
	const bson_t *doc;
	int ret = 0;

	if (mongoc_cursor_next(cursor, &doc)) {
		bson_copy_to(doc, found);
		ret = 1;
	} else if (mongoc_cursor_error(cursor, error)) {
		ret = -1;
	}
	mongoc_cursor_destroy(cursor);
	return ret;
}

int
v2m_mongodb_first(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const bson_t *order, bson_t *found,
    const char *doing, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	bson_t opts = BSON_INITIALIZER;
	bson_error_t error;
	int ret;

	BSON_APPEND_INT64(&opts, "limit", 1);
	if (order != NULL)
		BSON_APPEND_DOCUMENT(&opts, "sort", order);
	do {
		ret = first_once(in, filter, &opts, found, &error);
		if (ret < 0)
			v2m_mongodb_err(m, &error, &t.failure, "%s", doing);
	} while (v2m_mongodb_again(&t, ret, err));
	bson_destroy(&opts);
	return ret;
}

int
v2m_mongodb_one(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, bson_t *found, const char *doing,
    struct v2m_err *err)
{
	return v2m_mongodb_first(m, in, filter, NULL, found, doing, err);
}
