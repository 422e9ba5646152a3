/* Compare-and-set of a document on its member `rev`. */
#include "store/mongodb/mongodb.h"

#include <string.h>

#include "base/id.h"

/* Each write has a random mark.  By it a change whose response was lost is told
 * from one by another process. */
struct mark {
	uint8_t bytes[12];
};

static void
append_mark(bson_t *doc, struct mark *mark)
{
	v2m_random(mark->bytes, sizeof mark->bytes);
	BSON_APPEND_BINARY(doc, "mark", BSON_SUBTYPE_BINARY, mark->bytes,
	    sizeof mark->bytes);
}

/* Is the stored document the one that we wrote?  1; 0; -1, V2M_TEMP: it was
 * changed since, so that is not known. */
static int
is_our_change(struct v2m_mongodb *m, const struct v2m_mongodb_change *c,
    const struct mark *mark, struct v2m_err *err)
{
	const uint8_t *data;
	bson_subtype_t type;
	bson_iter_t it;
	uint32_t n = 0;
	bson_t doc;
	int found = v2m_mongodb_one(m, c->in, c->by_id, &doc, c->doing, err);

	if (found <= 0)
		return found;
	if (bson_iter_init_find(&it, &doc, "mark") &&
	    BSON_ITER_HOLDS_BINARY(&it))
		bson_iter_binary(&it, &type, &n, &data);
	if (n == sizeof mark->bytes && memcmp(data, mark->bytes, n) == 0)
		found = 1;
	else if (v2m_mongodb_int(&doc, "rev", 0) > c->rev)
		found = v2m_err_set(err, V2M_TEMP, "cannot %s: it was "
		    "changed, by us or by somebody else, while the store was "
		    "cut off", c->doing);
	else
		found = 0;
	bson_destroy(&doc);
	return found;
}

static int
insert_once(struct v2m_mongodb *m, const struct v2m_mongodb_change *c,
    const bson_t *doc, struct v2m_err *err)
{
	bson_error_t error;

	if (mongoc_collection_insert_one(c->in, doc, NULL, NULL, &error))
		return 1;
	if (error.code == V2M_MONGODB_DUPLICATE)
		return 0;
	return v2m_mongodb_err(m, &error, err, "%s", c->doing);
}

static int
update_once(struct v2m_mongodb *m, const struct v2m_mongodb_change *c,
    const bson_t *update, struct v2m_err *err)
{
	bson_error_t error;
	bson_t filter, reply;
	int won;

	bson_copy_to(c->by_id, &filter);
	BSON_APPEND_INT64(&filter, "rev", c->old_rev);
	if (mongoc_collection_update_one(c->in, &filter, update, NULL, &reply,
	    &error))
		won = v2m_mongodb_int(&reply, "matchedCount", 0) == 1;
	else
		won = v2m_mongodb_err(m, &error, err, "%s", c->doing);
	bson_destroy(&filter);
	bson_destroy(&reply);
	return won;
}

/* Make the document to insert, or the update, which leaves members of a newer
 * v2m as they are. */
static void
compose_change(const struct v2m_mongodb_change *c, bson_t *what,
    struct mark *mark)
{
	bson_t set;

	if (c->insert) {
		bson_copy_to(c->by_id, what);
		BSON_APPEND_INT64(what, "rev", c->rev);
		bson_concat(what, c->members);
		append_mark(what, mark);
		return;
	}
	bson_init(what);
	BSON_APPEND_DOCUMENT_BEGIN(what, "$set", &set);
	BSON_APPEND_INT64(&set, "rev", c->rev);
	bson_concat(&set, c->members);
	append_mark(&set, mark);
	bson_append_document_end(what, &set);
}

/* A write without a response is repeated, which is safe as it is conditional.
 * If it then fails, it may be because of its own first try. */
int
v2m_mongodb_change(struct v2m_mongodb *m, const struct v2m_mongodb_change *c,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	struct mark mark;
	bson_t what;
	int won;

	compose_change(c, &what, &mark);
	do
		won = c->insert ? insert_once(m, c, &what, &t.failure) :
		    update_once(m, c, &what, &t.failure);
	while (v2m_mongodb_again(&t, won, err));
	bson_destroy(&what);
	return won == 0 && t.lost ? is_our_change(m, c, &mark, err) : won;
}

static int
delete_once(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const char *doing, struct v2m_err *err)
{
	bson_error_t error;
	bson_t reply;
	int n;

	if (mongoc_collection_delete_one(in, filter, NULL, &reply, &error))
		n = v2m_mongodb_int(&reply, "deletedCount", 0) == 1;
	else
		n = v2m_mongodb_err(m, &error, err, "%s", doing);
	bson_destroy(&reply);
	return n;
}

int
v2m_mongodb_delete(struct v2m_mongodb *m, mongoc_collection_t *in,
    const bson_t *filter, const char *doing, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int n;

	do
		n = delete_once(m, in, filter, doing, &t.failure);
	while (v2m_mongodb_again(&t, n, err));
	return n == 0 && t.lost ? 1 : n;
}
