/* The records of jobs: the collection v2m.jobs. */
#include "store/mongodb.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"

static void
parse(const bson_t *doc, struct v2m_record *r)
{
	const struct v2m_field *f;

	memset(r, 0, sizeof *r);
	v2m_mongodb_id(doc, r->id);
	r->rev = v2m_mongodb_int(doc, "rev", 0);
	for (f = v2m_record_fields; f->name != NULL; f++) {
		if (f->kind == V2M_FIELD_TEXT)
			v2m_mongodb_text(doc, f->name, v2m_field_text(r, f),
			    f->size);
		else
			*v2m_field_int(r, f) = v2m_mongodb_int(doc, f->name,
			    0);
	}
}

static void
append_fields(bson_t *doc, const struct v2m_record *r)
{
	const struct v2m_field *f;
	int64_t number;

	BSON_APPEND_INT64(doc, "rev", r->rev);
	for (f = v2m_record_fields; f->name != NULL; f++) {
		const char *at = (const char *)r + f->offset;

		if (f->kind == V2M_FIELD_TEXT) {
			BSON_APPEND_UTF8(doc, f->name, at);
		} else {
			memcpy(&number, at, sizeof number);
			BSON_APPEND_INT64(doc, f->name, number);
		}
	}
}

/* 1, 0, -1 as v2m_mongodb_one(). */
static int
find(struct v2m_mongodb *m, const bson_t *filter, struct v2m_record *r,
    struct v2m_err *err)
{
	bson_t doc;
	int found = v2m_mongodb_one(m, m->jobs, filter, &doc, "read a record",
	    err);

	if (found == 1) {
		parse(&doc, r);
		bson_destroy(&doc);
	}
	return found;
}

static int
get_where(struct v2m_mongodb *m, bson_t *filter, struct v2m_record *r,
    struct v2m_err *err)
{
	int found = find(m, filter, r, err);

	bson_destroy(filter);
	if (found == 0)
		return v2m_err_set(err, V2M_NOINPUT, "there is no such job");
	return found < 0 ? -1 : 0;
}

int
v2m_mongodb_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	bson_t filter;

	v2m_mongodb_by_id(&filter, id);
	return get_where(self, &filter, r, err);
}

int
v2m_mongodb_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err)
{
	bson_t filter = BSON_INITIALIZER;

	BSON_APPEND_UTF8(&filter, "mp3", mp3);
	return get_where(self, &filter, r, err);
}

/* --- changes --- */

/* Each write carries a mark of its own: two that say the same are told apart
 * by it when an answer was lost. */
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

/* Is what is there what we wrote?  1; 0; -1, V2M_TEMP where it has been changed
 * since, so that nobody can say. */
static int
is_ours(struct v2m_mongodb *m, const struct v2m_record *r,
    const struct mark *mark, struct v2m_err *err)
{
	const uint8_t *data;
	bson_subtype_t type;
	bson_t filter, doc;
	bson_iter_t it;
	uint32_t n = 0;
	int found;

	v2m_mongodb_by_id(&filter, r->id);
	found = v2m_mongodb_one(m, m->jobs, &filter, &doc, "read a record",
	    err);
	bson_destroy(&filter);
	if (found <= 0)
		return found;
	if (bson_iter_init_find(&it, &doc, "mark") &&
	    BSON_ITER_HOLDS_BINARY(&it))
		bson_iter_binary(&it, &type, &n, &data);
	if (n == sizeof mark->bytes && memcmp(data, mark->bytes, n) == 0)
		found = 1;
	else if (v2m_mongodb_int(&doc, "rev", 0) > r->rev)
		found = v2m_err_set(err, V2M_TEMP, "the record of %s was "
		    "changed, by us or by somebody else, while the store was "
		    "cut off", r->id);
	else
		found = 0;
	bson_destroy(&doc);
	return found;
}

/* A change that `once` tries: 1 made, 0 lost to somebody, -1.  One whose answer
 * was lost is tried again, which is safe because it is conditional; should it
 * lose then, it may have lost to itself. */
static int
change(struct v2m_mongodb *m, const struct v2m_record *r, const bson_t *what,
    const struct mark *mark, int (*once)(struct v2m_mongodb *m,
    const struct v2m_record *r, const bson_t *what, int64_t old_rev,
    struct v2m_err *err), int64_t old_rev, struct v2m_err *err)
{
	struct v2m_err failure = { 0 };
	int64_t since = v2m_mono_ms();
	bool lost = false;
	int won;

	do {
		won = once(m, r, what, old_rev, &failure);
		if (won == 0 && lost)
			return is_ours(m, r, mark, err);
		if (won >= 0)
			return won;
		lost = true;
	} while (v2m_mongodb_again(since, V2M_MONGODB_ASK_MS,
	    &failure));
	if (err != NULL)
		*err = failure;
	return -1;
}

static int
insert_once(struct v2m_mongodb *m, const struct v2m_record *r,
    const bson_t *doc, int64_t old_rev, struct v2m_err *err)
{
	bson_error_t error;

	(void)old_rev;
	if (mongoc_collection_insert_one(m->jobs, doc, NULL, NULL, &error))
		return 1;
	if (error.code == V2M_MONGODB_DUPLICATE)
		return 0;
	return v2m_mongodb_err(m, &error, err, "record the job %s", r->id);
}

int
v2m_mongodb_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err)
{
	struct mark mark;
	bson_t doc;
	int won;

	v2m_mongodb_by_id(&doc, r->id);
	append_fields(&doc, r);
	append_mark(&doc, &mark);
	won = change(self, r, &doc, &mark, insert_once, 0, err);
	bson_destroy(&doc);
	return won;
}

static int
put_once(struct v2m_mongodb *m, const struct v2m_record *r,
    const bson_t *update, int64_t old_rev, struct v2m_err *err)
{
	bson_error_t error;
	bson_t filter, reply;
	int won;

	v2m_mongodb_by_id(&filter, r->id);
	BSON_APPEND_INT64(&filter, "rev", old_rev);
	if (mongoc_collection_update_one(m->jobs, &filter, update, NULL,
	    &reply, &error))
		won = v2m_mongodb_int(&reply, "matchedCount", 0) == 1;
	else
		won = v2m_mongodb_err(m, &error, err, "change the record of "
		    "%s", r->id);
	bson_destroy(&filter);
	bson_destroy(&reply);
	return won;
}

/* Fields that a newer v2m has written are left as they are. */
int
v2m_mongodb_put(void *self, const struct v2m_record *r, int64_t old_rev,
    struct v2m_err *err)
{
	bson_t update = BSON_INITIALIZER, set;
	struct mark mark;
	int won;

	/* Claims are what must be atomic. */
	if (r->state == V2M_RUNNING || r->told_until != 0)
		v2m_mongodb_warn_once(self);
	BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set);
	append_fields(&set, r);
	append_mark(&set, &mark);
	bson_append_document_end(&update, &set);
	won = change(self, r, &update, &mark, put_once, old_rev, err);
	bson_destroy(&update);
	return won;
}

int
v2m_mongodb_forget(void *self, const char *id, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	struct v2m_err failure = { 0 };
	int64_t since = v2m_mono_ms();
	bson_error_t error;
	bson_t filter;
	bool gone;

	v2m_mongodb_by_id(&filter, id);
	do {
		gone = mongoc_collection_delete_one(m->jobs, &filter, NULL,
		    NULL, &error);
		if (!gone)
			v2m_mongodb_err(m, &error, &failure, "remove the "
			    "record of %s", id);
	} while (!gone && v2m_mongodb_again(since, V2M_MONGODB_ASK_MS,
	    &failure));
	bson_destroy(&filter);
	if (!gone && err != NULL)
		*err = failure;
	return gone ? 0 : -1;
}

/* --- lists --- */

static void
append_range(bson_t *to, const char *key, int64_t above, int64_t below)
{
	bson_t range;

	BSON_APPEND_DOCUMENT_BEGIN(to, key, &range);
	BSON_APPEND_INT64(&range, "$gt", above);
	BSON_APPEND_INT64(&range, "$lt", below);
	bson_append_document_end(to, &range);
}

static void
translate(const struct v2m_filter *f, bson_t *filter)
{
	bson_oid_t after;
	bson_t above;

	bson_init(filter);
	if (f->owner != NULL)
		BSON_APPEND_UTF8(filter, "owner", f->owner);
	if (f->state >= 0)
		BSON_APPEND_INT64(filter, "state", f->state);
	if (f->sha256 != NULL)
		BSON_APPEND_UTF8(filter, "sha256", f->sha256);
	if (f->until_before > 0)
		append_range(filter, "until", 0, f->until_before);
	if (f->unannounced)
		BSON_APPEND_INT64(filter, "announced", 0);
	if (f->after != NULL && bson_oid_is_valid(f->after,
	    strlen(f->after))) {
		bson_oid_init_from_string(&after, f->after);
		BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &above);
		BSON_APPEND_OID(&above, "$gt", &after);
		bson_append_document_end(filter, &above);
	}
}

static mongoc_cursor_t *
ask(struct v2m_mongodb *m, const struct v2m_filter *f)
{
	bson_t *opts = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}",
	    "batchSize", BCON_INT32(100), "limit",
	    BCON_INT64(f->limit > 0 ? f->limit : 0));
	mongoc_cursor_t *cursor;
	bson_t filter;

	translate(f, &filter);
	cursor = mongoc_collection_find_with_opts(m->jobs, &filter, opts,
	    NULL);
	bson_destroy(&filter);
	bson_destroy(opts);
	return cursor;
}

static int
append(struct v2m_record **list, size_t *n, size_t *room, const bson_t *doc,
    struct v2m_err *err)
{
	struct v2m_record *bigger;

	if (*n == *room) {
		*room = *room == 0 ? 8 : 2 * *room;
		bigger = reallocarray(*list, *room, sizeof *bigger);
		if (bigger == NULL)
			return v2m_err_sys(err, V2M_TEMP,
			    "cannot list the records");
		*list = bigger;
	}
	parse(doc, &(*list)[(*n)++]);
	return 0;
}

static int
list_once(struct v2m_mongodb *m, const struct v2m_filter *filter,
    struct v2m_record **list, size_t *n, struct v2m_err *err)
{
	mongoc_cursor_t *cursor = ask(m, filter);
	bson_error_t error;
	const bson_t *doc;
	size_t room = 0;
	int ret = 0;

	while (ret == 0 && mongoc_cursor_next(cursor, &doc))
		ret = append(list, n, &room, doc, err);
	if (ret == 0 && mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "list the records");
	mongoc_cursor_destroy(cursor);
	if (ret < 0) {
		free(*list);
		*list = NULL;
		*n = 0;
	}
	return ret;
}

int
v2m_mongodb_list(void *self, const struct v2m_filter *filter,
    struct v2m_record **list, size_t *n, struct v2m_err *err)
{
	struct v2m_err failure = { 0 };
	int64_t since = v2m_mono_ms();

	do {
		if (list_once(self, filter, list, n, &failure) == 0)
			return 0;
	} while (v2m_mongodb_again(since, V2M_MONGODB_ASK_MS, &failure));
	if (err != NULL)
		*err = failure;
	return -1;
}
