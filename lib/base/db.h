/* db.h - SQLite as v2m uses it.
 *
 * WAL with synchronous=FULL: what is committed survives a power cut, on a
 * local disk with an honest fsync (https://www.sqlite.org/pragma.html).
 * Every change outside an explicit transaction is a transaction by itself.
 * Explicit ones are BEGIN IMMEDIATE, because a reader that wants to write fails
 * at once if another process wrote in between.  If the database is busy, calls
 * wait for up to 20 s, then fail with V2M_TEMP.
 *
 * Arguments follow the SQL as a string of types and as many values:
 * 't' const char * (NULL is SQL NULL), 'i' int64_t.
 *
 * Thread safety: a struct v2m_db belongs to one thread; never use one across
 * fork.  Errors: V2M_TEMP (busy, disk full), V2M_DENIED (no right to read it),
 * V2M_IO, V2M_BUG (damaged), V2M_CANTCREATE, V2M_CONFIG (it does not exist; not
 * set up; made by a newer v2m).
 */
#ifndef V2M_BASE_DB_H
#define V2M_BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_db;
struct v2m_rows;

/* Open the file; create: make it (0600) if it does not exist. */
struct v2m_db *v2m_db_open(const char *path, bool create, struct v2m_err *err);
void v2m_db_close(struct v2m_db *db);		/* NULL is fine */

/* Open an existing file; key is the setting that named its path, for the
 * message if it does not exist (V2M_CONFIG). */
struct v2m_db *v2m_db_open_of(const struct v2m_conf *conf, const char *key,
    const char *path, struct v2m_err *err);

/* Bring the tables of `component` up to date: steps[i] is SQL that leads from
 * version i to i + 1, ended by NULL.  The missing steps are run in one
 * transaction.  Several components may share a file. */
int v2m_db_migrate(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err);

/* Do the tables of `component` exist in the version of these steps?
 * V2M_CONFIG, with the words "run v2m-init": they do not. */
int v2m_db_expect(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err);

/* Run one statement; rows that it returns are dropped.  Returns the number of
 * rows that it changed, -1 on error; *taken, unless NULL, becomes true if the
 * error is that a unique value exists already. */
int64_t v2m_db_run(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const char *types, ...);

/* The same for arguments that are only known at run time. */
struct v2m_arg {
	char type;		/* 't' or 'i' */
	const char *text;	/* borrowed for the call */
	int64_t number;
};

int64_t v2m_db_run_args(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const struct v2m_arg *args, size_t n);
struct v2m_rows *v2m_db_query_args(struct v2m_db *db, struct v2m_err *err,
    const char *sql, const struct v2m_arg *args, size_t n);

int v2m_db_begin(struct v2m_db *db, struct v2m_err *err);
int v2m_db_commit(struct v2m_db *db, struct v2m_err *err);
void v2m_db_rollback(struct v2m_db *db);	/* fine without one */

/* Until v2m_db_rollback(), db sees the database as it is now.  Others may write
 * meanwhile; the log grows until then. */
int v2m_db_begin_reading(struct v2m_db *db, struct v2m_err *err);

/* Write what db sees to a new file (0600), and flush it.  V2M_CANTCREATE: the
 * file exists, or cannot be made; V2M_TEMP: its disk is full. */
int v2m_db_copy(struct v2m_db *db, const char *path, struct v2m_err *err);

/* Run a query.  Free the rows before anything else is done with this database:
 * an open statement holds its locks. */
struct v2m_rows *v2m_db_query(struct v2m_db *db, struct v2m_err *err,
    const char *sql, const char *types, ...);
int v2m_rows_next(struct v2m_rows *rows, struct v2m_err *err); /* 1, 0, -1 */
int64_t v2m_rows_int(struct v2m_rows *rows, int column);
const char *v2m_rows_text(struct v2m_rows *rows, int column); /* "" for NULL;
						* borrowed until the next row */
size_t v2m_rows_size(struct v2m_rows *rows, int column); /* bytes of the text,
						* which may hold NULs */
void v2m_rows_free(struct v2m_rows *rows);	/* NULL is fine */

/* Query a single number: 1 with *n set; 0: there is no row; -1. */
int v2m_db_int(struct v2m_db *db, struct v2m_err *err, int64_t *n,
    const char *sql, const char *types, ...);

#endif
