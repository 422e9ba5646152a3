#include "base/db_private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/db_turns.h"

struct v2m_rows {
	struct v2m_db *db;
	sqlite3_stmt *stmt;
};

void
v2m_db_take_turn(struct v2m_db *db)
{
	if (db->turns == NULL || db->turn)
		return;
	v2m_db_turn_take(db->turns);
	db->turn = true;
}

/* Take a turn if the statement writes, and is a transaction by itself. */
static void
take_turn_for(struct v2m_db *db, sqlite3_stmt *stmt)
{
	if (!sqlite3_stmt_readonly(stmt) && sqlite3_get_autocommit(db->handle))
		v2m_db_take_turn(db);
}

void
v2m_db_end_turn(struct v2m_db *db)
{
	if (!db->turn || !sqlite3_get_autocommit(db->handle))
		return;
	db->turn = false;
	v2m_db_turn_end(db->turns);
}

static sqlite3_stmt *
prepare_statement(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const struct v2m_arg *args, size_t n)
{
	sqlite3_stmt *stmt = NULL;
	size_t i;
	int rc;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) !=
	    SQLITE_OK) {
		v2m_db_fail(db, err);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		if (args[i].type == 't')
			rc = sqlite3_bind_text(stmt, (int)i + 1, args[i].text,
			    -1, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_int64(stmt, (int)i + 1,
			    args[i].number);
		if (rc != SQLITE_OK) {
			v2m_db_fail(db, err);
			sqlite3_finalize(stmt);
			return NULL;
		}
	}
	return stmt;
}

#define ARGS_MAX 32		/* letters in a string of types */

static size_t
collect_args(struct v2m_arg args[ARGS_MAX], const char *types, va_list ap)
{
	size_t i, n = strlen(types);

	if (n > ARGS_MAX)
		abort();
	for (i = 0; i < n; i++) {
		args[i].type = types[i];
		if (types[i] == 't')
			args[i].text = va_arg(ap, const char *);
		else
			args[i].number = va_arg(ap, int64_t);
	}
	return n;
}

int64_t
v2m_db_run_args(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const struct v2m_arg *args, size_t n)
{
	sqlite3_stmt *stmt = prepare_statement(db, err, sql, args, n);
	int64_t ret = -1;
	int rc;

	if (taken != NULL)
		*taken = false;
	if (stmt == NULL)
		return -1;
	take_turn_for(db, stmt);
	do {
		rc = sqlite3_step(stmt);
	} while (rc == SQLITE_ROW);
	if (rc == SQLITE_DONE) {
		ret = sqlite3_changes64(db->handle);
	} else {
		if (taken != NULL)
			*taken = rc == SQLITE_CONSTRAINT_UNIQUE ||
			    rc == SQLITE_CONSTRAINT_PRIMARYKEY;
		v2m_db_fail(db, err);
	}
	sqlite3_finalize(stmt);
	v2m_db_end_turn(db);
	return ret;
}

int64_t
v2m_db_run(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	va_list ap;
	size_t n;

	va_start(ap, types);
	n = collect_args(args, types, ap);
	va_end(ap);
	return v2m_db_run_args(db, err, taken, sql, args, n);
}

int
v2m_db_execute(struct v2m_db *db, const char *sql, struct v2m_err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return v2m_db_fail(db, err);
	return 0;
}

int
v2m_db_begin(struct v2m_db *db, struct v2m_err *err)
{
	int ret;

	v2m_db_take_turn(db);
	ret = v2m_db_execute(db, "BEGIN IMMEDIATE", err);
	v2m_db_end_turn(db);
	return ret;
}

int
v2m_db_commit(struct v2m_db *db, struct v2m_err *err)
{
	int ret = v2m_db_execute(db, "COMMIT", err);

	v2m_db_end_turn(db);
	return ret;
}

void
v2m_db_rollback(struct v2m_db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	v2m_db_end_turn(db);
}

int
v2m_db_begin_reading(struct v2m_db *db, struct v2m_err *err)
{
	int64_t n;

	/* A reading transaction begins with the first query. */
	if (v2m_db_execute(db, "BEGIN", err) < 0)
		return -1;
	if (v2m_db_int(db, err, &n, "SELECT count(*) FROM sqlite_master",
	    "") == 1)
		return 0;
	v2m_db_rollback(db);
	return -1;
}

struct v2m_rows *
v2m_db_query_args(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const struct v2m_arg *args, size_t n)
{
	struct v2m_rows *rows = calloc(1, sizeof *rows);

	if (rows == NULL) {
		v2m_err_sys(err, V2M_TEMP, "database '%s'", db->path);
		return NULL;
	}
	rows->db = db;
	rows->stmt = prepare_statement(db, err, sql, args, n);
	if (rows->stmt == NULL) {
		free(rows);
		return NULL;
	}
	take_turn_for(db, rows->stmt);
	return rows;
}

struct v2m_rows *
v2m_db_query(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	va_list ap;
	size_t n;

	va_start(ap, types);
	n = collect_args(args, types, ap);
	va_end(ap);
	return v2m_db_query_args(db, err, sql, args, n);
}

int
v2m_rows_next(struct v2m_rows *rows, struct v2m_err *err)
{
	switch (sqlite3_step(rows->stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return v2m_db_fail(rows->db, err);
	}
}

int64_t
v2m_rows_int(struct v2m_rows *rows, int column)
{
	return sqlite3_column_int64(rows->stmt, column);
}

const char *
v2m_rows_text(struct v2m_rows *rows, int column)
{
	const unsigned char *s = sqlite3_column_text(rows->stmt, column);

	return s == NULL ? "" : (const char *)s;
}

size_t
v2m_rows_size(struct v2m_rows *rows, int column)
{
	sqlite3_column_text(rows->stmt, column);
	return (size_t)sqlite3_column_bytes(rows->stmt, column);
}

void
v2m_rows_free(struct v2m_rows *rows)
{
	if (rows == NULL)
		return;
	sqlite3_finalize(rows->stmt);
	v2m_db_end_turn(rows->db);
	free(rows);
}

int
v2m_db_int(struct v2m_db *db, struct v2m_err *err, int64_t *n,
    const char *sql, const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	sqlite3_stmt *stmt;
	va_list ap;
	size_t nargs;
	int rc;

	va_start(ap, types);
	nargs = collect_args(args, types, ap);
	va_end(ap);
	stmt = prepare_statement(db, err, sql, args, nargs);
	if (stmt == NULL)
		return -1;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*n = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		v2m_db_fail(db, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}
