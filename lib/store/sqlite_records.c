/* One record: reading and changing it. */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_index.h"

#define MOST_ARGS 64		/* more than the number of fields + 3 */

void
v2m_sqlite_read_record(struct v2m_record *r, struct v2m_rows *rows)
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
		v2m_sqlite_read_record(r, rows);
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

/* A text is borrowed from the record. */
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

/* The statement that changes the record from `old` to `now`, and its
 * arguments. */
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

/* Only columns that change are set: SQLite writes every index that has a column
 * that is set. */
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
	return find_where(self, " INDEXED BY record_fresh WHERE "
	    V2M_SQLITE_FRESH " AND owner > ? ORDER BY owner, id LIMIT 1",
	    after, r, err);
}
