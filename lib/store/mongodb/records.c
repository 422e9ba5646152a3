/* Records: the collection v2m.jobs. */
#include "store/mongodb/mongodb.h"

#include <stdio.h>
#include <string.h>

static void
parse_field(const bson_t *doc, const struct v2m_field *f,
    struct v2m_record *r)
{
	char word[16];

	switch (f->kind) {
	case V2M_FIELD_TEXT:
		v2m_mongodb_text(doc, f->name, v2m_field_text(r, f), f->size);
		break;
	case V2M_FIELD_WORD:
		v2m_mongodb_text(doc, f->name, word, sizeof word);
		v2m_field_read(r, f, word);
		break;
	case V2M_FIELD_INT:
		*v2m_field_int(r, f) = v2m_mongodb_int(doc, f->name, 0);
		break;
	}
}

static void
parse_record(const bson_t *doc, struct v2m_record *r)
{
	const struct v2m_field *f;

	memset(r, 0, sizeof *r);
	v2m_mongodb_id(doc, r->id);
	r->rev = v2m_mongodb_int(doc, "rev", 0);
	for (f = v2m_record_fields; f->name != NULL; f++)
		parse_field(doc, f, r);
}

/* Returns as v2m_mongodb_first(). */
static int
find_record(struct v2m_mongodb *m, const bson_t *filter, const bson_t *order,
    struct v2m_record *r, const char *doing, struct v2m_err *err)
{
	bson_t doc;
	int found = v2m_mongodb_first(m, m->jobs, filter, order, &doc, doing,
	    err);

	if (found == 1) {
		parse_record(&doc, r);
		bson_destroy(&doc);
	}
	return found;
}

static int
get_where(struct v2m_mongodb *m, bson_t *filter, struct v2m_record *r,
    struct v2m_err *err)
{
	int found = find_record(m, filter, NULL, r, "read a record", err);

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

static void
append_field(bson_t *doc, const struct v2m_record *r,
    const struct v2m_field *f)
{
	int64_t number;
	const char *text = v2m_field_stored(r, f, &number);

	if (text != NULL)
		BSON_APPEND_UTF8(doc, f->name, text);
	else
		BSON_APPEND_INT64(doc, f->name, number);
}

/* old NULL: insert; else only the fields that differ are written. */
static int
change_record(struct v2m_mongodb *m, const struct v2m_record *old,
    const struct v2m_record *r, const char *doing, struct v2m_err *err)
{
	const struct v2m_field *f;
	bson_t by_id, members = BSON_INITIALIZER;
	struct v2m_mongodb_change c = { m->jobs, &by_id, old == NULL,
	    old == NULL ? 0 : old->rev, r->rev, &members, doing };
	int won;

	v2m_mongodb_by_id(&by_id, r->id);
	for (f = v2m_record_fields; f->name != NULL; f++)
		if (old == NULL || v2m_field_differs(old, r, f))
			append_field(&members, r, f);
	won = v2m_mongodb_change(m, &c, err);
	bson_destroy(&members);
	bson_destroy(&by_id);
	return won;
}

int
v2m_mongodb_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err)
{
	char doing[32 + V2M_ID_SIZE];

	snprintf(doing, sizeof doing, "record the job %s", r->id);
	return change_record(self, NULL, r, doing, err);
}

int
v2m_mongodb_put(void *self, const struct v2m_record *r, int64_t old_rev,
    bool *full, struct v2m_err *err)
{
	char doing[32 + V2M_ID_SIZE];
	struct v2m_record old;
	bson_t by_id;
	int found;

	(void)full;
	/* Only claims need atomic updates. */
	if (r->state == V2M_JOB_RUNNING || r->notify_until != 0)
		v2m_mongodb_warn_once(self);
	snprintf(doing, sizeof doing, "change the record of %s", r->id);
	v2m_mongodb_by_id(&by_id, r->id);
	found = find_record(self, &by_id, NULL, &old, doing, err);
	bson_destroy(&by_id);
	if (found <= 0 || old.rev != old_rev)
		return found < 0 ? -1 : 0;
	return change_record(self, &old, r, doing, err);
}

int
v2m_mongodb_forget(void *self, const char *id, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	char doing[32 + V2M_ID_SIZE];
	bson_t filter;
	int gone;

	v2m_mongodb_by_id(&filter, id);
	snprintf(doing, sizeof doing, "remove the record of %s", id);
	gone = v2m_mongodb_delete(m, m->jobs, &filter, doing, err);
	bson_destroy(&filter);
	return gone < 0 ? -1 : 0;
}

/* --- lists --- */

/* The conditions of enum v2m_old without expressions, which not every server
 * has: they match somewhat more than those of the sqlite driver. */
static const struct {
	int state;			/* -1: the filter's */
	const char *zero, *since;	/* zero NULL: no such condition */
} old_records[] = {
	[V2M_OLD_VIDEO] = { V2M_JOB_DONE, "video_gone", "done_at" },
	[V2M_OLD_FETCHED] = { V2M_JOB_DONE, NULL, "fetched_at" },
	[V2M_OLD_UNFETCHED] = { V2M_JOB_DONE, "fetched_at", "done_at" },
	[V2M_OLD_FAILED] = { V2M_JOB_FAILED, NULL, "done_at" },
	[V2M_OLD_RECORD] = { -1, NULL, "done_at" },
};

static void
translate_old(const struct v2m_filter *f, bson_t *filter)
{
	const char *zero = old_records[f->old].zero;
	int state = old_records[f->old].state;
	bson_t since;

	if (state >= 0)
		BSON_APPEND_INT64(filter, "state", state);
	else if (f->state >= 0)
		BSON_APPEND_INT64(filter, "state", f->state);
	if (zero != NULL)
		BSON_APPEND_INT64(filter, zero, 0);
	BSON_APPEND_DOCUMENT_BEGIN(filter, old_records[f->old].since, &since);
	BSON_APPEND_INT64(&since, "$gte", f->old == V2M_OLD_FETCHED);
	BSON_APPEND_INT64(&since, "$lte", f->before_ms);
	bson_append_document_end(filter, &since);
}

/* Append { key: { op: time } }, unless time is 0. */
static void
append_time(bson_t *filter, const char *key, const char *op, int64_t time)
{
	bson_t inner;

	if (time == 0)
		return;
	BSON_APPEND_DOCUMENT_BEGIN(filter, key, &inner);
	BSON_APPEND_INT64(&inner, op, time);
	bson_append_document_end(filter, &inner);
}

static void
append_either(bson_t *filter, enum v2m_told a, enum v2m_told b)
{
	bson_t inner, list;

	BSON_APPEND_DOCUMENT_BEGIN(filter, "told", &inner);
	BSON_APPEND_ARRAY_BEGIN(&inner, "$in", &list);
	BSON_APPEND_UTF8(&list, "0", v2m_told_word(a));
	BSON_APPEND_UTF8(&list, "1", v2m_told_word(b));
	bson_append_array_end(&inner, &list);
	bson_append_document_end(filter, &inner);
}

static void
append_not_empty(bson_t *filter, const char *key)
{
	bson_t inner;

	BSON_APPEND_DOCUMENT_BEGIN(filter, key, &inner);
	BSON_APPEND_UTF8(&inner, "$ne", "");
	bson_append_document_end(filter, &inner);
}

static void
translate_untold(const struct v2m_filter *f, bson_t *filter)
{
	bson_t inner;

	append_either(filter, V2M_TOLD_NOT_YET, V2M_TOLD_SENDING);
	BSON_APPEND_DOCUMENT_BEGIN(filter, "via", &inner);
	BSON_APPEND_UTF8(&inner, "$ne", v2m_via_word(V2M_VIA_PIPE));
	bson_append_document_end(filter, &inner);
	BSON_APPEND_DOCUMENT_BEGIN(filter, "announced", &inner);
	BSON_APPEND_INT64(&inner, "$gt", 0);
	if (f->untold_before != 0)
		BSON_APPEND_INT64(&inner, "$lt", f->untold_before);
	bson_append_document_end(filter, &inner);
	if (f->untold_before == 0)
		return;
	BSON_APPEND_INT64(filter, "announced_again", 0);
	/* Do not append a member twice: that is not a valid document, and
	 * servers refuse it. */
	if (f->owner == NULL)
		append_not_empty(filter, "owner");
	if (f->state == V2M_JOB_DONE)
		append_not_empty(filter, "mp3");
}

static void
translate_end(const struct v2m_filter *f, bson_t *filter)
{
	if (f->untold)
		translate_untold(f, filter);
	if (f->undelivered)
		append_either(filter, V2M_TOLD_FAILED, V2M_TOLD_MAYBE);
	append_time(filter, "done_at", "$gt", f->done_after);
	append_time(filter, "told_due", f->untold_before != 0 ? "$lt" : "$gt",
	    f->untold_before != 0 ? f->untold_before : f->notify_due_after);
}

static void
translate(const struct v2m_filter *f, bson_t *filter)
{
	bson_oid_t after;
	bson_t above;

	bson_init(filter);
	if (f->owner != NULL)
		BSON_APPEND_UTF8(filter, "owner", f->owner);
	if (f->old != V2M_OLD_ANY)
		translate_old(f, filter);
	else if (f->state >= 0)
		BSON_APPEND_INT64(filter, "state", f->state);
	if (f->sending)
		BSON_APPEND_UTF8(filter, "told",
		    v2m_told_word(V2M_TOLD_SENDING));
	if (f->failure != 0)
		BSON_APPEND_INT64(filter, "failure", f->failure);
	if (f->sha256 != NULL)
		BSON_APPEND_UTF8(filter, "sha256", f->sha256);
	if (f->end_unpublished)
		BSON_APPEND_INT64(filter, "announced", 0);
	if (f->claimed)
		append_time(filter, "fence", "$gte", 1);
	append_time(filter, "queued_at", "$lt", f->queued_before);
	append_time(filter, "due", f->queued_before != 0 ? "$lt" : "$gt",
	    f->queued_before != 0 ? f->queued_before : f->due_after);
	translate_end(f, filter);
	if (f->after != NULL && bson_oid_is_valid(f->after,
	    strlen(f->after))) {
		bson_oid_init_from_string(&after, f->after);
		BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &above);
		bson_append_oid(&above, f->newest_first ? "$lt" : "$gt", -1,
		    &after);
		bson_append_document_end(filter, &above);
	}
}

static mongoc_cursor_t *
query_records(struct v2m_mongodb *m, const struct v2m_filter *f)
{
	const char *order = !f->oldest ? "_id" : f->queued_before != 0 ?
	    "queued_at" : "done_at";
	bson_t *opts = BCON_NEW("sort", "{", order,
	    BCON_INT32(f->newest_first ? -1 : 1), "}", "batchSize",
	    BCON_INT32(f->limit), "limit", BCON_INT64(f->limit));
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
list_once(struct v2m_mongodb *m, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err)
{
	mongoc_cursor_t *cursor = query_records(m, filter);
	struct v2m_record r;
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	v2m_page_clear(page);
	while (ret == 0 && mongoc_cursor_next(cursor, &doc)) {
		parse_record(doc, &r);
		ret = v2m_page_add(page, &r, err);
	}
	if (ret == 0 && mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "list the records");
	mongoc_cursor_destroy(cursor);
	return ret;
}

int
v2m_mongodb_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int ret;

	do
		ret = list_once(self, filter, page, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

int
v2m_mongodb_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	bson_t *filter = BCON_NEW("owner", "{", "$gt", BCON_UTF8(after), "}");
	bson_t *order = BCON_NEW("owner", BCON_INT32(1));
	bson_t doc;
	int found = v2m_mongodb_first(m, m->jobs, filter, order, &doc,
	    "list the owners", err);

	if (found == 1) {
		v2m_mongodb_text(&doc, "owner", owner, V2M_EMAIL_MAX);
		bson_destroy(&doc);
	}
	bson_destroy(order);
	bson_destroy(filter);
	return found;
}

int
v2m_mongodb_next_fresh(void *self, const char *after, struct v2m_record *r,
    struct v2m_err *err)
{
	bson_t *filter = BCON_NEW("state", BCON_INT64(V2M_JOB_QUEUED), "fence",
	    BCON_INT64(0), "owner", "{", "$gt", BCON_UTF8(after), "}");
	bson_t *order = BCON_NEW("owner", BCON_INT32(1), "_id", BCON_INT32(1));
	int found = find_record(self, filter, order, r,
	    "look for others' jobs", err);

	bson_destroy(order);
	bson_destroy(filter);
	return found;
}

/* --- sums --- */

static int
count_once(struct v2m_mongodb *m, const bson_t *filter, int64_t *n,
    struct v2m_err *err)
{
	bson_error_t error;

	*n = mongoc_collection_count_documents(m->jobs, filter, NULL, NULL,
	    NULL, &error);
	return *n < 0 ? v2m_mongodb_err(m, &error, err, "count the jobs") : 0;
}

int
v2m_mongodb_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	bson_t match;
	int ret;

	translate(filter, &match);
	do
		ret = count_once(self, &match, n, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	bson_destroy(&match);
	return ret;
}

/* { owner, state: { $in: states }, _id: { $nin: skip } }: jobs that wait or
 * run; ended: also those that are done or failed. */
static void
match_usage(bson_t *match, const char *owner, const char *const *skip,
    size_t n, bool ended)
{
	static const enum v2m_state states[] = { V2M_JOB_HELD, V2M_JOB_QUEUED,
	    V2M_JOB_RUNNING, V2M_JOB_DONE, V2M_JOB_FAILED };
	bson_t inner, list;
	bson_oid_t oid;
	char key[24];
	size_t i;

	bson_init(match);
	BSON_APPEND_UTF8(match, "owner", owner);
	BSON_APPEND_DOCUMENT_BEGIN(match, "state", &inner);
	BSON_APPEND_ARRAY_BEGIN(&inner, "$in", &list);
	for (i = 0; i < (ended ? 5 : 3); i++) {
		snprintf(key, sizeof key, "%zu", i);
		BSON_APPEND_INT64(&list, key, states[i]);
	}
	bson_append_array_end(&inner, &list);
	bson_append_document_end(match, &inner);
	BSON_APPEND_DOCUMENT_BEGIN(match, "_id", &inner);
	BSON_APPEND_ARRAY_BEGIN(&inner, "$nin", &list);
	for (i = 0; i < n; i++) {
		snprintf(key, sizeof key, "%zu", i);
		bson_oid_init_from_string(&oid, skip[i]);
		BSON_APPEND_OID(&list, key, &oid);
	}
	bson_append_array_end(&inner, &list);
	bson_append_document_end(match, &inner);
}

/* Summed here, from a few members of each record: not every server supports
 * $group with conditions. */
static int
usage_once(struct v2m_mongodb *m, const bson_t *match,
    struct v2m_usage *usage, struct v2m_err *err)
{
	bson_t *opts = BCON_NEW("projection", "{", "state", BCON_INT32(1),
	    "length", BCON_INT32(1), "video_gone", BCON_INT32(1), "mp3",
	    BCON_INT32(1), "mp3_length", BCON_INT32(1), "}",
	    "batchSize", BCON_INT32(1000));
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(m->jobs,
	    match, opts, NULL);
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	usage->bytes = usage->jobs = 0;
	while (mongoc_cursor_next(cursor, &doc)) {
		int64_t state = v2m_mongodb_int(doc, "state", -1);
		char mp3[V2M_ID_SIZE];

		v2m_mongodb_text(doc, "mp3", mp3, sizeof mp3);
		if (mp3[0] != '\0')
			usage->bytes += v2m_mongodb_int(doc, "mp3_length", 0);
		if (v2m_mongodb_int(doc, "video_gone", 0) == 0)
			usage->bytes += v2m_mongodb_int(doc, "length", 0);
		usage->jobs += state == V2M_JOB_HELD ||
		    state == V2M_JOB_QUEUED || state == V2M_JOB_RUNNING;
	}
	if (mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "count the jobs");
	mongoc_cursor_destroy(cursor);
	bson_destroy(opts);
	return ret;
}

int
v2m_mongodb_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	bson_t match;
	int ret;

	match_usage(&match, owner, skip, n, with_bytes);
	do
		ret = usage_once(self, &match, usage, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	if (!with_bytes)
		usage->bytes = 0;
	bson_destroy(&match);
	return ret;
}
