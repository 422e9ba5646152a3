/* Documents (store/document.h): the collection v2m.notes.  The _id is
 * "KIND/KEY". */
#include "store/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/mongodb/mongodb.h"

static void
match_id(bson_t *filter, const char *kind, const char *key)
{
	char id[V2M_DOCUMENT_KIND + V2M_DOCUMENT_KEY];

	snprintf(id, sizeof id, "%s/%s", kind, key);
	bson_init(filter);
	BSON_APPEND_UTF8(filter, "_id", id);
}

static int
fill_document(struct v2m_document *n, const bson_t *doc, struct v2m_err *err)
{
	bson_iter_t it;

	v2m_mongodb_text(doc, "key", n->key, sizeof n->key);
	n->rev = v2m_mongodb_int(doc, "rev", 0);
	n->until = v2m_mongodb_int(doc, "until", 0);
	n->text = strdup(bson_iter_init_find(&it, doc, "text") &&
	    BSON_ITER_HOLDS_UTF8(&it) ? bson_iter_utf8(&it, NULL) : "");
	return n->text == NULL ?
	    v2m_err_sys(err, V2M_TEMP, "cannot read a document") : 0;
}

int
v2m_mongodb_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	bson_t filter, doc;
	int found;

	match_id(&filter, kind, key);
	found = v2m_mongodb_one(m, m->documents, &filter, &doc,
	    "read a document", err);
	bson_destroy(&filter);
	if (found != 1)
		return found;
	if (fill_document(n, &doc, err) < 0)
		found = -1;
	bson_destroy(&doc);
	return found;
}

int
v2m_mongodb_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err)
{
	bson_t by_id, members = BSON_INITIALIZER;
	struct v2m_mongodb *m = self;
	char doing[32 + V2M_DOCUMENT_KIND];
	struct v2m_mongodb_change c = { m->documents, &by_id, old_rev == 0,
	    old_rev, n->rev, &members, doing };
	int won;

	snprintf(doing, sizeof doing, "write a document (%s)", n->kind);
	match_id(&by_id, n->kind, n->key);
	BSON_APPEND_UTF8(&members, "kind", n->kind);
	BSON_APPEND_UTF8(&members, "key", n->key);
	BSON_APPEND_INT64(&members, "until", n->until);
	BSON_APPEND_UTF8(&members, "text", v2m_document_text(n));
	won = v2m_mongodb_change(m, &c, err);
	bson_destroy(&members);
	bson_destroy(&by_id);
	return won;
}

int
v2m_mongodb_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	bson_t filter;
	int gone;

	match_id(&filter, kind, key);
	if (rev != 0)
		BSON_APPEND_INT64(&filter, "rev", rev);
	gone = v2m_mongodb_delete(m, m->documents, &filter, "remove a document",
	    err);
	bson_destroy(&filter);
	return gone;
}

/* --- lists --- */

static mongoc_cursor_t *
query_documents(struct v2m_mongodb *m, const char *kind, int64_t until_before,
    const char *after, int limit)
{
	bson_t *opts = BCON_NEW("sort", "{", "key", BCON_INT32(1), "}",
	    "limit", BCON_INT64(limit), "batchSize", BCON_INT32(100));
	bson_t filter = BSON_INITIALIZER, range;
	mongoc_cursor_t *cursor;

	BSON_APPEND_UTF8(&filter, "kind", kind);
	BSON_APPEND_DOCUMENT_BEGIN(&filter, "key", &range);
	BSON_APPEND_UTF8(&range, "$gt", after);
	bson_append_document_end(&filter, &range);
	if (until_before != 0) {
		BSON_APPEND_DOCUMENT_BEGIN(&filter, "until", &range);
		BSON_APPEND_INT64(&range, "$gt", 0);
		BSON_APPEND_INT64(&range, "$lt", until_before);
		bson_append_document_end(&filter, &range);
	}
	cursor = mongoc_collection_find_with_opts(m->documents, &filter, opts,
	    NULL);
	bson_destroy(&filter);
	bson_destroy(opts);
	return cursor;
}

static int
list_once(mongoc_cursor_t *cursor, struct v2m_mongodb *m, const char *kind,
    int limit, struct v2m_document *list, size_t *n, struct v2m_err *err)
{
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	while (ret == 0 && *n < (size_t)limit &&
	    mongoc_cursor_next(cursor, &doc)) {
		struct v2m_document *document = &list[(*n)++];

		v2m_text_copy(document->kind, sizeof document->kind, kind);
		ret = fill_document(document, doc, err);
	}
	if (ret == 0 && mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "list documents");
	return ret;
}

int
v2m_mongodb_document_list(void *self, const char *kind, int64_t until_before,
    const char *after, int limit, struct v2m_document **list, size_t *n,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	mongoc_cursor_t *cursor;
	int ret;

	do {
		v2m_documents_free(*list, *n);
		*n = 0;
		*list = calloc((size_t)limit + 1, sizeof **list);
		if (*list == NULL)
			return v2m_err_sys(err, V2M_TEMP, "cannot list "
			    "documents");
		cursor = query_documents(self, kind, until_before, after,
		    limit);
		ret = list_once(cursor, self, kind, limit, *list, n,
		    &t.failure);
		mongoc_cursor_destroy(cursor);
	} while (v2m_mongodb_again(&t, ret, err));
	return ret;
}
