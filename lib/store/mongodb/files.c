/* Documents of files, with which chunks become an object. */
#include "store/mongodb/mongodb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define CHUNK_MAX (16 << 20)	/* of any writer: a document's limit */

static void
parse_object(const bson_t *doc, struct v2m_object *o)
{
	bson_iter_t it;
	bson_t meta;

	memset(o, 0, sizeof *o);
	v2m_mongodb_id(doc, o->id);
	o->length = v2m_mongodb_int(doc, "length", 0);
	v2m_mongodb_text(doc, "filename", o->name, sizeof o->name);
	if (bson_iter_init_find(&it, doc, "uploadDate") &&
	    BSON_ITER_HOLDS_DATE_TIME(&it))
		o->created_at = bson_iter_date_time(&it);
	v2m_mongodb_inner(doc, "metadata", &meta);
	v2m_mongodb_text(&meta, "owner", o->owner, sizeof o->owner);
	v2m_mongodb_text(&meta, "sha256", o->sha256, sizeof o->sha256);
	v2m_mongodb_text(&meta, "video", o->video, sizeof o->video);
	o->fence = v2m_mongodb_int(&meta, "fence", 0);
	bson_destroy(&meta);
}

/* Another program may have written it: check that the values are possible. */
static int
parse_file(const bson_t *doc, const char *id, struct v2m_mongodb_file *f)
{
	int64_t size = v2m_mongodb_int(doc, "chunkSize", -1);

	bson_oid_init_from_string(&f->id, id);
	f->length = v2m_mongodb_int(doc, "length", -1);
	if (f->length < 0 || size < 1 || size > CHUNK_MAX ||
	    f->length / size >= INT32_MAX)
		return -1;
	f->chunk_size = (int32_t)size;
	return 0;
}

int
v2m_mongodb_find(struct v2m_mongodb *m, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_mongodb_file *file,
    struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT], doing[16 + V2M_OBJECT_WHAT];
	bson_t filter, doc;
	int found;

	v2m_object_what(what, kind, id);
	snprintf(doing, sizeof doing, "look for %s", what);
	v2m_mongodb_by_id(&filter, id);
	found = v2m_mongodb_one(m, m->files[kind], &filter, &doc, doing, err);
	bson_destroy(&filter);
	if (found <= 0)
		return found;
	if (object != NULL)
		parse_object(&doc, object);
	if (file != NULL && parse_file(&doc, id, file) < 0)
		found = v2m_err_damage(err, "%s is damaged: its length or "
		    "chunkSize is invalid", what);
	bson_destroy(&doc);
	return found;
}

/* One request: missing or surplus chunks are detected by the reader. */
int
v2m_mongodb_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_mongodb_file file;

	return v2m_mongodb_find(self, kind, id, object, &file, err);
}

static void
compose_file(const struct v2m_object *o, int32_t chunk_size, bson_t *doc)
{
	bson_t meta;

	v2m_mongodb_by_id(doc, o->id);
	BSON_APPEND_INT64(doc, "length", o->length);
	BSON_APPEND_INT32(doc, "chunkSize", chunk_size);
	BSON_APPEND_DATE_TIME(doc, "uploadDate", o->created_at);
	BSON_APPEND_UTF8(doc, "filename", o->name);
	BSON_APPEND_DOCUMENT_BEGIN(doc, "metadata", &meta);
	BSON_APPEND_UTF8(&meta, "sha256", o->sha256);
	if (o->owner[0] != '\0')
		BSON_APPEND_UTF8(&meta, "owner", o->owner);
	if (o->video[0] != '\0')
		BSON_APPEND_UTF8(&meta, "video", o->video);
	if (o->fence != 0)
		BSON_APPEND_INT64(&meta, "fence", o->fence);
	bson_append_document_end(doc, &meta);
}

/* After a lost response: is the stored document the one that we sent? */
static int
is_our_file(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *o, struct v2m_err *err)
{
	struct v2m_object there;
	int found = v2m_mongodb_find(m, kind, o->id, &there, NULL, err);

	if (found != 1)
		return found;
	return there.length == o->length &&
	    there.created_at == o->created_at &&
	    strcmp(there.sha256, o->sha256) == 0;
}

int
v2m_mongodb_publish(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *object, int32_t chunk_size,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	char what[V2M_OBJECT_WHAT];
	bson_error_t error;
	bson_t doc;
	int ret;

	compose_file(object, chunk_size, &doc);
	do {
		if (mongoc_collection_insert_one(m->files[kind], &doc, NULL,
		    NULL, &error))
			ret = 1;
		else if (error.code == V2M_MONGODB_DUPLICATE)
			ret = t.lost ? is_our_file(m, kind, object,
			    &t.failure) : 0;
		else
			ret = v2m_mongodb_err(m, &error, &t.failure,
			    "store %s", v2m_object_what(what, kind,
			    object->id));
	} while (v2m_mongodb_again(&t, ret, err));
	bson_destroy(&doc);
	return ret;
}

/* One try.  1; 0; -1. */
static int
adopt_once(struct v2m_mongodb *m, const struct v2m_object *o,
    struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT];
	bson_t filter, *update, reply;
	bson_error_t error;
	int ret;

	v2m_mongodb_by_id(&filter, o->id);
	BSON_APPEND_INT64(&filter, "length", o->length);
	BSON_APPEND_UTF8(&filter, "metadata.sha256", o->sha256);
	update = BCON_NEW("$lte", BCON_INT64(o->fence));
	BSON_APPEND_DOCUMENT(&filter, "metadata.fence", update);
	bson_destroy(update);
	update = BCON_NEW("$set", "{", "metadata.fence", BCON_INT64(o->fence),
	    "uploadDate", BCON_DATE_TIME(o->created_at), "}");
	if (mongoc_collection_update_one(m->files[V2M_VIDEO], &filter, update,
	    NULL, &reply, &error))
		ret = v2m_mongodb_int(&reply, "matchedCount", 0) == 1;
	else
		ret = v2m_mongodb_err(m, &error, err, "store %s",
		    v2m_object_what(what, V2M_VIDEO, o->id));
	bson_destroy(&reply);
	bson_destroy(update);
	bson_destroy(&filter);
	return ret;
}

int
v2m_mongodb_adopt(struct v2m_mongodb *m, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	int ret;

	do
		ret = adopt_once(m, object, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

static int
delete_file(struct v2m_mongodb *m, enum v2m_kind kind, const char *id,
    const bson_t *filter, struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT];
	bson_error_t error;

	if (mongoc_collection_delete_one(m->files[kind], filter, NULL, NULL,
	    &error))
		return 0;
	return v2m_mongodb_err(m, &error, err, "remove %s",
	    v2m_object_what(what, kind, id));
}

int
v2m_mongodb_unpublish(struct v2m_mongodb *m, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	bson_t filter;
	int ret;

	v2m_mongodb_by_id(&filter, object->id);
	BSON_APPEND_DATE_TIME(&filter, "uploadDate", object->created_at);
	BSON_APPEND_UTF8(&filter, "metadata.sha256", object->sha256);
	if (object->fence != 0)
		BSON_APPEND_INT64(&filter, "metadata.fence", object->fence);
	ret = delete_file(m, kind, object->id, &filter, err);
	bson_destroy(&filter);
	return ret;
}

static int
remove_once(struct v2m_mongodb *m, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT];
	bson_error_t error;
	bson_t file, chunks;
	bson_oid_t oid;
	int ret = -1;

	v2m_mongodb_by_id(&file, id);
	bson_init(&chunks);
	bson_oid_init_from_string(&oid, id);
	BSON_APPEND_OID(&chunks, "files_id", &oid);
	if (delete_file(m, kind, id, &file, err) < 0 ||
	    v2m_fault("store-removed", err) < 0)
		goto out;
	if (!mongoc_collection_delete_many(m->chunks[kind], &chunks, NULL,
	    NULL, &error)) {
		v2m_mongodb_err(m, &error, err, "remove %s",
		    v2m_object_what(what, kind, id));
		goto out;
	}
	ret = 0;
out:
	bson_destroy(&file);
	bson_destroy(&chunks);
	return ret;
}

/* Chunks are removed also if the document is gone, so that a caller can repeat
 * an interrupted removal. */
int
v2m_mongodb_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	int ret;

	do
		ret = remove_once(self, kind, id, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

/* --- the walk --- */

struct walk {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	const char *video;	/* or NULL */
};

static mongoc_cursor_t *
ask_page(const struct walk *w, const char *after)
{
	bson_t *opts = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}",
	    "limit", BCON_INT64(V2M_OBJECTS_PAGE));
	mongoc_cursor_t *cursor;
	bson_t filter, above;
	bson_oid_t oid = { .bytes = { 0 } };

	if (after[0] != '\0')
		bson_oid_init_from_string(&oid, after);
	bson_init(&filter);
	/* Other programs' files, whose _id is not an ObjectId, do not match
	 * "$gt". */
	BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &above);
	BSON_APPEND_OID(&above, "$gt", &oid);
	bson_append_document_end(&filter, &above);
	if (w->video != NULL)
		BSON_APPEND_UTF8(&filter, "metadata.video", w->video);
	cursor = mongoc_collection_find_with_opts(w->m->files[w->kind],
	    &filter, opts, NULL);
	bson_destroy(&filter);
	bson_destroy(opts);
	return cursor;
}

static int
read_page_once(const struct walk *w, const char *after,
    struct v2m_object *page, struct v2m_err *err)
{
	mongoc_cursor_t *cursor = ask_page(w, after);
	char id[V2M_ID_SIZE];
	bson_error_t error;
	const bson_t *doc;
	int n = 0;

	while (n < V2M_OBJECTS_PAGE && mongoc_cursor_next(cursor, &doc))
		if (v2m_mongodb_id(doc, id))
			parse_object(doc, &page[n++]);
	if (mongoc_cursor_error(cursor, &error))
		n = v2m_mongodb_err(w->m, &error, err, "list the store");
	mongoc_cursor_destroy(cursor);
	return n;
}

static int
read_page(void *from, const char *after, struct v2m_object *page,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int ret;

	do
		ret = read_page_once(from, after, page, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

int
v2m_mongodb_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	struct walk w = { self, kind, video };

	return v2m_objects_by_page(read_page, &w, each, arg, err);
}
