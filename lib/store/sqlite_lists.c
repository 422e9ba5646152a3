/* Filters as SQL: lists and counts of records. */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_index.h"

static const struct {
	const char *index, *condition;
} old_records[] = {
	[V2M_OLD_VIDEO] = { "record_old_video",
	    V2M_SQLITE_HAS_VIDEO " AND " V2M_SQLITE_ENDED " <= ?" },
	[V2M_OLD_FETCHED] = { "record_old_fetched",
	    V2M_SQLITE_FETCHED " AND fetched_at <= ?" },
	[V2M_OLD_UNFETCHED] = { "record_old_unfetched",
	    V2M_SQLITE_UNFETCHED " AND " V2M_SQLITE_ENDED " <= ?" },
	[V2M_OLD_FAILED] = { "record_old_failed",
	    V2M_SQLITE_HAS_FAILED " AND " V2M_SQLITE_ENDED " <= ?" },
	[V2M_OLD_RECORD] = { "record_old",
	    V2M_SQLITE_IS_EMPTY " AND " V2M_SQLITE_TOUCHED " <= ?" },
};

struct query {
	FILE *sql;			/* NULL: only count the arguments */
	int conditions;
	struct v2m_arg args[20];	/* more than a filter can need */
	size_t n;
	const char *glue;
};

static void
where(struct query *q, const char *condition)
{
	if (q->sql != NULL)
		fprintf(q->sql, " %s %s", q->glue, condition);
	q->glue = "AND";
	q->conditions++;
}

static void
where_text(struct query *q, const char *condition, const char *text)
{
	if (text == NULL)
		return;
	where(q, condition);
	q->args[q->n++] = (struct v2m_arg){ .type = 't', .text = text };
}

static void
where_int(struct query *q, const char *condition, int64_t number)
{
	where(q, condition);
	q->args[q->n++] = (struct v2m_arg){ .type = 'i', .number = number };
}

/* The index to be used.  Without it, SQLite may read all records in the right
 * order, instead of sorting the few that match. */
static const char *
index_for(const struct v2m_filter *f)
{
	if (f->old != V2M_OLD_ANY)
		return old_records[f->old].index;
	if (f->owner != NULL)
		return f->sha256 != NULL ? "record_owner_sha256" :
		    f->state >= 0 ? "record_owner_state" : "record_owner";
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
	q->conditions = 0;
	q->glue = "WHERE";
	if (index != NULL && q->sql != NULL)
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
		where(q, V2M_SQLITE_UNTOLD " AND announced > 0 AND "
		    "via <> 'pipe'");
	where_time(q, "announced < ?", f->untold_before);
	where_time(q, "told_due < ? AND announced_again = 0 AND owner <> '' "
	    "AND (state <> 4 OR mp3 <> '')", f->untold_before);
	if (f->undelivered)
		where(q, V2M_SQLITE_UNDELIVERED);
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
		v2m_sqlite_read_record(&r, rows);
		if (v2m_page_add(page, &r, err) < 0) {
			more = -1;
			break;
		}
	}
	v2m_rows_free(rows);
	return more;
}

/* Does the tally have this number: all jobs of an owner, or those of a
 * state? */
static bool
is_kept(const struct v2m_filter *f)
{
	struct query q = { .sql = NULL };

	where_all(&q, f);
	return f->owner != NULL && q.conditions == (f->state >= 0 ? 2 : 1);
}

int
v2m_sqlite_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err)
{
	struct v2m_rows *rows;
	int got;

	if (is_kept(filter))
		return v2m_sqlite_tally(self, filter->owner, filter->state, n,
		    err);
	rows = query_records(self, translate_count, filter, err);
	if (rows == NULL)
		return -1;
	got = v2m_rows_next(rows, err);
	if (got == 1)
		*n = v2m_rows_int(rows, 0);
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
