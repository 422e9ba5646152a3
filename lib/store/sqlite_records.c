#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ARGS 64		/* more than there are fields, and three */

/* What enum v2m_old means, in words that are those of its indexes, as SQLite
 * wants it to use them: conditions, and since when. */
#define HAS_VIDEO "state = 4 AND video_gone = 0"
#define FETCHED "state = 4 AND mp3 <> '' AND fetched_at <> 0"
#define UNFETCHED "state = 4 AND mp3 <> '' AND fetched_at = 0"
#define HAS_FAILED "state = 5 AND (video_gone = 0 OR mp3 <> '')"
#define IS_EMPTY "(state = 6 OR (state IN (4, 5) AND mp3 = ''))"
#define ENDED "CASE done_at WHEN 0 THEN created_at ELSE done_at END"
#define TOUCHED "max(" ENDED ", queued_at, fetched_at, video_gone)"
_Static_assert(V2M_JOB_DONE == 4 && V2M_JOB_FAILED == 5 &&
    V2M_JOB_CANCELLED == 6, "the states that the indexes name");

static const struct {
	const char *index, *condition;
} old_records[] = {
	[V2M_OLD_VIDEO] = { "record_old_video",
	    HAS_VIDEO " AND " ENDED " <= ?" },
	[V2M_OLD_FETCHED] = { "record_old_fetched",
	    FETCHED " AND fetched_at <= ?" },
	[V2M_OLD_UNFETCHED] = { "record_old_unfetched",
	    UNFETCHED " AND " ENDED " <= ?" },
	[V2M_OLD_FAILED] = { "record_old_failed",
	    HAS_FAILED " AND " ENDED " <= ?" },
	[V2M_OLD_RECORD] = { "record_old",
	    IS_EMPTY " AND " TOUCHED " <= ?" },
};

/* As the indexes have them, word by word. */
#define UNTOLD "told IN ('', 'sending')"
#define UNDELIVERED "told IN ('failed', 'sent?')"
#define FRESH "state = 2 AND fence = 0"
#define WAITS "state IN (1, 2, 3)"
_Static_assert(V2M_JOB_NEW == 0 && V2M_JOB_HELD == 1 && V2M_JOB_QUEUED == 2 &&
    V2M_JOB_RUNNING == 3, "the states that the indexes name");

/* Call add for each column of the table of fields that the database's table
 * has not got. */
static int
each_missing(struct v2m_db *db, int (*add)(struct v2m_db *db,
    const struct v2m_field *f, struct v2m_err *err), struct v2m_err *err)
{
	const struct v2m_field *f;
	int64_t there;

	for (f = v2m_record_fields; f->name != NULL; f++) {
		if (v2m_db_int(db, err, &there, "SELECT count(*) FROM "
		    "pragma_table_info('record') WHERE name = ?", "t",
		    f->name) < 0)
			return -1;
		if (there == 0 && add(db, f, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_column(struct v2m_db *db, const struct v2m_field *f, struct v2m_err *err)
{
	char sql[256];

	snprintf(sql, sizeof sql, "ALTER TABLE record ADD COLUMN \"%s\" %s",
	    f->name, f->kind == V2M_FIELD_INT ? "INTEGER NOT NULL DEFAULT 0" :
	    "TEXT NOT NULL DEFAULT ''");
	return v2m_db_run(db, err, NULL, sql, "") < 0 ? -1 : 0;
}

static int
refuse_value(struct v2m_db *db, const struct v2m_field *f, struct v2m_err *err)
{
	(void)db;
	return v2m_err_set(err, V2M_CONFIG, "the store was set up by an older "
	    "v2m (its records have no '%s'): run v2m-init, which upgrades it "
	    "and keeps what is in it", f->name);
}

int
v2m_sqlite_records_init(struct v2m_db *db, struct v2m_err *err)
{
	static const char *const indexes[] = {
		"record_state_id ON record (state, id)",
		"record_owner ON record (owner, id)",
		"record_mp3 ON record (mp3)",
		"record_owner_sha256 ON record (owner, sha256, id)",
		"record_unannounced ON record (state, id) WHERE announced = 0",
		"record_told ON record (told, id)",
		"record_failure ON record (failure, id) WHERE failure <> 0",
		"record_old_video ON record (" ENDED ") WHERE " HAS_VIDEO,
		"record_old_fetched ON record (fetched_at) WHERE " FETCHED,
		"record_old_unfetched ON record (" ENDED ") WHERE " UNFETCHED,
		"record_old_failed ON record (" ENDED ") WHERE " HAS_FAILED,
		"record_old ON record (" TOUCHED ") WHERE " IS_EMPTY,
		"record_queued ON record (state, queued_at, due)",
		"record_untold ON record (state, done_at) WHERE " UNTOLD,
		"record_undelivered ON record (id) WHERE " UNDELIVERED,
		"record_fresh ON record (owner, id) WHERE " FRESH,
		"record_waits ON record (owner, id) WHERE " WAITS,
		"record_usage ON record (owner, state, id, length, video_gone, "
		    "mp3_length, mp3)",
	};
	char sql[512];
	size_t i;

	if (v2m_db_begin(db, err) < 0)
		return -1;
	if (each_missing(db, add_column, err) < 0)
		goto fail;
	for (i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
		snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS %s",
		    indexes[i]);
		if (v2m_db_run(db, err, NULL, sql, "") < 0)
			goto fail;
	}
	if (v2m_db_commit(db, err) == 0)
		return 0;
fail:
	v2m_db_rollback(db);
	return -1;
}

static void
write_insert(FILE *out)
{
	const struct v2m_field *f;

	fputs("INSERT INTO record (", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fprintf(out, "\"%s\", ", f->name);
	fputs("rev, id) VALUES (", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fputs("?, ", out);
	fputs("?, ?)", out);
}

static void
write_select(FILE *out)
{
	const struct v2m_field *f;

	fputs("SELECT id, rev", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fprintf(out, ", \"%s\"", f->name);
	fputs(" FROM record", out);
}

static char *
compose_sql(void (*write_sql)(FILE *out), struct v2m_err *err)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out != NULL) {
		write_sql(out);
		if (fclose(out) == 0)
			return sql;
	}
	v2m_err_sys(err, V2M_TEMP, "cannot open the store");
	free(sql);
	return NULL;
}

int
v2m_sqlite_records_open(struct v2m_sqlite *ix, struct v2m_err *err)
{
	if (each_missing(ix->db, refuse_value, err) < 0)
		return -1;
	if ((ix->insert = compose_sql(write_insert, err)) == NULL ||
	    (ix->select = compose_sql(write_select, err)) == NULL)
		return -1;
	return 0;
}

static void
fill_record(struct v2m_record *r, struct v2m_rows *rows)
{
	const struct v2m_field *f;
	int column = 2;

	memset(r, 0, sizeof *r);
	v2m_text_copy(r->id, sizeof r->id, v2m_rows_text(rows, 0));
	r->rev = v2m_rows_int(rows, 1);
	for (f = v2m_record_fields; f->name != NULL; f++, column++) {
		if (f->kind == V2M_FIELD_INT)
			*v2m_field_int(r, f) = v2m_rows_int(rows, column);
		else
			v2m_field_read(r, f, v2m_rows_text(rows, column));
	}
}

/* 1, 0, -1. */
static int
find_where(struct v2m_sqlite *ix, const char *where, const char *text,
    struct v2m_record *r, struct v2m_err *err)
{
	struct v2m_rows *rows;
	char *sql;
	int found;

	if (asprintf(&sql, "%s%s", ix->select, where) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	rows = v2m_db_query(ix->db, err, sql, "t", text);
	free(sql);
	if (rows == NULL)
		return -1;
	found = v2m_rows_next(rows, err);
	if (found == 1)
		fill_record(r, rows);
	v2m_rows_free(rows);
	return found;
}

static int
get_where(struct v2m_sqlite *ix, const char *where, const char *id,
    struct v2m_record *r, struct v2m_err *err)
{
	int found = find_where(ix, where, id, r, err);

	if (found == 0)
		return v2m_err_set(err, V2M_NOINPUT, "there is no such job");
	return found < 0 ? -1 : 0;
}

int
v2m_sqlite_get(void *self, const char *id,
    struct v2m_record *r, struct v2m_err *err)
{
	return get_where(self, " WHERE id = ?", id, r, err);
}

int
v2m_sqlite_get_by_mp3(void *self, const char *mp3,
    struct v2m_record *r, struct v2m_err *err)
{
	return get_where(self, " WHERE mp3 = ? LIMIT 1", mp3, r, err);
}

/* The value is borrowed from the record. */
static struct v2m_arg
bind_field(const struct v2m_record *r, const struct v2m_field *f)
{
	struct v2m_arg arg = { .type = 't' };

	arg.text = v2m_field_stored(r, f, &arg.number);
	if (arg.text == NULL)
		arg.type = 'i';
	return arg;
}

static struct v2m_arg
bind_int(int64_t number)
{
	return (struct v2m_arg){ .type = 'i', .number = number };
}

static struct v2m_arg
bind_text(const char *text)
{
	return (struct v2m_arg){ .type = 't', .text = text };
}

int
v2m_sqlite_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_sqlite *ix = self;
	const struct v2m_field *f;
	struct v2m_arg args[MOST_ARGS];
	size_t n = 0;
	bool taken;

	for (f = v2m_record_fields; f->name != NULL; f++)
		args[n++] = bind_field(r, f);
	args[n++] = bind_int(r->rev);
	args[n++] = bind_text(r->id);
	if (v2m_db_run_args(ix->db, err, &taken, ix->insert, args, n) >= 0)
		return 1;
	return taken ? 0 : -1;
}

/* The statement that makes `now` of `old`, and its arguments. */
static char *
compose_update(const struct v2m_record *old, const struct v2m_record *now,
    struct v2m_arg args[MOST_ARGS], size_t *n, struct v2m_err *err)
{
	const struct v2m_field *f;
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	*n = 0;
	if (out != NULL) {
		fputs("UPDATE record SET ", out);
		for (f = v2m_record_fields; f->name != NULL; f++)
			if (v2m_field_differs(old, now, f)) {
				fprintf(out, "\"%s\" = ?, ", f->name);
				args[(*n)++] = bind_field(now, f);
			}
		fputs("rev = ? WHERE id = ? AND rev = ?", out);
		if (fclose(out) == 0)
			return sql;
	}
	v2m_err_sys(err, V2M_TEMP, "cannot change the record");
	free(sql);
	return NULL;
}

/* Only the columns that change are set: SQLite writes every index that has one
 * of those that are. */
int
v2m_sqlite_put(struct v2m_sqlite *ix, const struct v2m_record *r,
    int64_t old_rev, struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	struct v2m_arg args[MOST_ARGS];
	struct v2m_record old;
	char *sql = NULL;
	size_t n;
	int put = -1;

	if (v2m_sqlite_get(ix, r->id, &old, &why) < 0)
		put = why.code == V2M_NOINPUT ? 0 : -1;
	else if (old.rev != old_rev)
		put = 0;
	else if ((sql = compose_update(&old, r, args, &n, &why)) != NULL) {
		args[n++] = bind_int(r->rev);
		args[n++] = bind_text(r->id);
		args[n++] = bind_int(old_rev);
		put = (int)v2m_db_run_args(ix->db, &why, NULL, sql, args, n);
		free(sql);
	}
	if (put < 0)
		v2m_err_pass(err, &why);
	return put;
}

int
v2m_sqlite_forget(void *self, const char *id,
    struct v2m_err *err)
{
	struct v2m_sqlite *ix = self;

	return v2m_db_run(ix->db, err, NULL, "DELETE FROM record WHERE id = ?",
	    "t", id) < 0 ? -1 : 0;
}

struct query {
	FILE *sql;
	struct v2m_arg args[20];	/* more than a filter has members */
	size_t n;
	const char *glue;
};

static void
where(struct query *q, const char *condition)
{
	fprintf(q->sql, " %s %s", q->glue, condition);
	q->glue = "AND";
}

static void
where_text(struct query *q, const char *condition, const char *text)
{
	if (text == NULL)
		return;
	where(q, condition);
	q->args[q->n++] = bind_text(text);
}

static void
where_int(struct query *q, const char *condition, int64_t number)
{
	where(q, condition);
	q->args[q->n++] = bind_int(number);
}

/* SQLite would rather walk over everything that is in the right order than sort
 * what it finds. */
static const char *
index_for(const struct v2m_filter *f)
{
	if (f->old != V2M_OLD_ANY)
		return old_records[f->old].index;
	if (f->owner != NULL)
		return f->sha256 != NULL ? "record_owner_sha256" :
		    f->state >= 0 ? "record_usage" : "record_owner";
	if (f->end_unpublished && f->state >= 0)
		return "record_unannounced";
	if ((f->queued_before != 0 || f->due_after != 0) && f->state >= 0)
		return "record_queued";
	if (f->untold && f->state >= 0)
		return "record_untold";
	if (f->undelivered)
		return "record_undelivered";
	if (f->sending)
		return "record_told";
	if (f->failure != 0)
		return "record_failure";
	return f->state >= 0 ? "record_state_id" : NULL;
}

static void
where_time(struct query *q, const char *condition, int64_t time)
{
	if (time != 0)
		where_int(q, condition, time);
}

static void
where_all(struct query *q, const struct v2m_filter *f)
{
	const char *index = index_for(f);

	q->n = 0;
	q->glue = "WHERE";
	if (index != NULL)
		fprintf(q->sql, " INDEXED BY %s", index);
	where_text(q, "owner = ?", f->owner);
	where_text(q, "sha256 = ?", f->sha256);
	where_text(q, f->newest_first ? "id < ?" : "id > ?", f->after);
	if (f->state >= 0)
		where_int(q, "state = ?", f->state);
	if (f->sending)
		where(q, "told = 'sending'");
	if (f->failure != 0)
		where_int(q, "failure <> 0 AND failure = ?", f->failure);
	if (f->end_unpublished)
		where(q, "announced = 0");
	if (f->old != V2M_OLD_ANY)
		where_int(q, old_records[f->old].condition, f->before_ms);
	if (f->claimed)
		where(q, "fence > 0");
	where_time(q, "queued_at < ?", f->queued_before);
	where_time(q, "due < ?", f->queued_before);
	where_time(q, "due > ?", f->due_after);
	if (f->untold)
		where(q, UNTOLD " AND announced > 0 AND via <> 'pipe'");
	where_time(q, "announced < ?", f->untold_before);
	where_time(q, "told_due < ? AND announced_again = 0 AND owner <> '' "
	    "AND (state <> 4 OR mp3 <> '')", f->untold_before);
	if (f->undelivered)
		where(q, UNDELIVERED);
	where_time(q, "done_at > ?", f->done_after);
	where_time(q, "told_due > ?", f->notify_due_after);
}

static void
translate(struct query *q, const char *select, const struct v2m_filter *f)
{
	fputs(select, q->sql);
	where_all(q, f);
	fprintf(q->sql, " ORDER BY %s%s LIMIT %d", !f->oldest ? "id" :
	    f->queued_before != 0 ? "queued_at" : "done_at",
	    f->newest_first ? " DESC" : "", f->limit);
}

static void
translate_count(struct query *q, const char *select,
    const struct v2m_filter *f)
{
	(void)select;
	fputs("SELECT count(*) FROM record", q->sql);
	where_all(q, f);
}

static struct v2m_rows *
query_records(struct v2m_sqlite *ix, void (*write_sql)(struct query *q,
    const char *select, const struct v2m_filter *f),
    const struct v2m_filter *filter, struct v2m_err *err)
{
	struct v2m_rows *rows = NULL;
	struct query q;
	char *sql = NULL;
	size_t size;

	q.sql = open_memstream(&sql, &size);
	if (q.sql != NULL)
		write_sql(&q, ix->select, filter);
	if (q.sql == NULL || fclose(q.sql) != 0)
		v2m_err_sys(err, V2M_TEMP, "cannot list the records");
	else
		rows = v2m_db_query_args(ix->db, err, sql, q.args, q.n);
	free(sql);
	return rows;
}

int
v2m_sqlite_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err)
{
	struct v2m_rows *rows = query_records(self, translate, filter, err);
	struct v2m_record r;
	int more;

	if (rows == NULL)
		return -1;
	while ((more = v2m_rows_next(rows, err)) == 1) {
		fill_record(&r, rows);
		if (v2m_page_add(page, &r, err) < 0) {
			more = -1;
			break;
		}
	}
	v2m_rows_free(rows);
	return more;
}

int
v2m_sqlite_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	struct v2m_rows *rows = v2m_db_query(q->db, err, "SELECT owner FROM "
	    "record WHERE owner > ? ORDER BY owner LIMIT 1", "t", after);
	int found;

	if (rows == NULL)
		return -1;
	found = v2m_rows_next(rows, err);
	if (found == 1)
		v2m_text_copy(owner, V2M_EMAIL_MAX, v2m_rows_text(rows, 0));
	v2m_rows_free(rows);
	return found;
}

int
v2m_sqlite_next_fresh(void *self, const char *after, struct v2m_record *r,
    struct v2m_err *err)
{
	return find_where(self, " INDEXED BY record_fresh WHERE " FRESH
	    " AND owner > ? ORDER BY owner, id LIMIT 1", after, r, err);
}

int
v2m_sqlite_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err)
{
	struct v2m_rows *rows = query_records(self, translate_count, filter,
	    err);
	int got;

	if (rows == NULL)
		return -1;
	got = v2m_rows_next(rows, err);
	if (got == 1)
		*n = v2m_rows_int(rows, 0);
	v2m_rows_free(rows);
	return got == 1 ? 0 : -1;
}

/* The IDs go in as one JSON array, so that there may be any number. */
static char *
as_array(const char *const *ids, size_t n, struct v2m_err *err)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (out != NULL) {
		fputc('[', out);
		for (i = 0; i < n; i++)
			fprintf(out, "%s\"%s\"", i > 0 ? "," : "", ids[i]);
		fputc(']', out);
		if (fclose(out) == 0)
			return text;
	}
	v2m_err_sys(err, V2M_TEMP, "cannot count the jobs");
	free(text);
	return NULL;
}

int
v2m_sqlite_usage(void *self, const char *owner,
    const char *const *skip, size_t n, bool with_bytes,
    struct v2m_usage *usage, struct v2m_err *err)
{
	struct v2m_sqlite *ix = self;
	char *ids = as_array(skip, n, err);
	struct v2m_rows *rows;
	int got;

	if (ids == NULL)
		return -1;
	/* Each with an index that has all it asks for. */
	rows = v2m_db_query(ix->db, err, with_bytes ? "SELECT "
	    "total(" WAITS "), total(length * (video_gone = 0) + "
	    "mp3_length * (mp3 <> '')) FROM record WHERE owner = ? AND "
	    "state NOT IN (0, 6) AND id NOT IN (SELECT value FROM "
	    "json_each(?))" : "SELECT count(*), 0 FROM record WHERE owner = ? "
	    "AND " WAITS " AND id NOT IN (SELECT value FROM json_each(?))",
	    "tt", owner, ids);
	free(ids);
	if (rows == NULL)
		return -1;
	got = v2m_rows_next(rows, err);
	if (got == 1) {
		usage->jobs = v2m_rows_int(rows, 0);
		usage->bytes = v2m_rows_int(rows, 1);
	}
	v2m_rows_free(rows);
	return got == 1 ? 0 : -1;
}

int
v2m_sqlite_census(void *self, struct v2m_census *census,
    struct v2m_err *err)
{
	struct v2m_sqlite *ix = self;
	struct v2m_rows *rows = v2m_db_query(ix->db, err, "SELECT state, "
	    "count(*), sum(mp3_length), sum(duration_ms), "
	    "sum(max(0, done_at - created_at)) FROM record "
	    "WHERE state BETWEEN 0 AND ? GROUP BY state", "i",
	    (int64_t)V2M_JOB_STATES - 1);
	int64_t state;
	int got;

	if (rows == NULL)
		return -1;
	while ((got = v2m_rows_next(rows, err)) == 1) {
		state = v2m_rows_int(rows, 0);
		census->states[state].jobs = v2m_rows_int(rows, 1);
		census->states[state].mp3_bytes = v2m_rows_int(rows, 2);
		census->states[state].sound_ms = v2m_rows_int(rows, 3);
		census->states[state].took_ms = v2m_rows_int(rows, 4);
	}
	v2m_rows_free(rows);
	return got;
}
