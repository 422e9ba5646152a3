/* mysql.h - what the files of the module users-mysql share: a connection that
 * is made again where it was lost, and prepared statements on it.
 *
 * Only these files know the client library, MariaDB's Connector/C or MySQL's.
 * Everything goes through prepared statements, in utf8mb4.  No call waits
 * longer than users_timeout for the server.  A struct v2m_mysql belongs to one
 * thread and never crosses a fork.
 */
#ifndef V2M_AUTH_MYSQL_H
#define V2M_AUTH_MYSQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <mysql.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/url.h"

#define V2M_MYSQL_COLUMNS 6	/* most that a query asks for */
#define V2M_MYSQL_VALUE 1100	/* bytes: 255 characters of four, and more */
#define V2M_MYSQL_ARGS 6

struct v2m_mysql {
	MYSQL *db;		/* NULL: to be connected */
	struct v2m_url url;
	char socket[108];	/* "" none */
	struct v2m_hosts hosts;	/* any will do */
	size_t host;		/* which of them it is now */
	const char *where;	/* "host:port" or the socket, for messages */
	const char *tls;	/* these are the configuration's */
	const char *ca, *cert, *key;
	unsigned timeout_s;
	unsigned number;	/* of the last failure, see mysqld_error.h */
	bool lost;		/* with it the connection or transaction went */
};

/* --- the connection (connect.c) --- */

/* Read the URL and what goes with it; connects nothing.  conf must outlive m.
 * V2M_CONFIG.  Release in any case. */
int v2m_mysql_init(struct v2m_mysql *m, const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_mysql_release(struct v2m_mysql *m);

/* Connect, in place of a connection that is there, to the first host that lets
 * us in; they share the time that connecting to one may take, of which each
 * gets a second at least.  database: or NULL, for
 * none.  patience_s: how long an answer may take, 0 for users_timeout.
 * V2M_TEMP; V2M_CONFIG: not let in, no such database, no encryption. */
int v2m_mysql_connect(struct v2m_mysql *m, const char *database,
    unsigned patience_s, struct v2m_err *err);

/* Give up a connection that was lost: the next goes to another host first. */
void v2m_mysql_turn(struct v2m_mysql *m);

/* The database's name: the URL's, or "auth". */
const char *v2m_mysql_database(const struct v2m_mysql *m);

/* --- errors (error.c) --- */

/* Set err, m->number and m->lost from an error number of the client library or
 * the server and its text.  Returns -1. */
int v2m_mysql_error(struct v2m_mysql *m, unsigned number, const char *text,
    struct v2m_err *err);

/* --- statements (query.c) --- */

/* One row as text; what a column holds may have NULs in it. */
struct v2m_mysql_row {
	char value[V2M_MYSQL_COLUMNS][V2M_MYSQL_VALUE + 1];
	size_t size[V2M_MYSQL_COLUMNS];
	bool null[V2M_MYSQL_COLUMNS];
};

/* Called for each row; 0 to go on, else that is what the query returns. */
typedef int v2m_mysql_visit(void *arg, const struct v2m_mysql_row *row);

/* Run one statement; arguments as in base/db.h: 't' const char *, 'i' int64_t.
 * Returns the number of rows that were changed or found, -1 on error. */
int64_t v2m_mysql_run(struct v2m_mysql *m, struct v2m_err *err,
    const char *sql, const char *types, ...);
int64_t v2m_mysql_query(struct v2m_mysql *m, struct v2m_err *err,
    v2m_mysql_visit *visit, void *arg, const char *sql, const char *types,
    ...);

/* A transaction.  One that is not committed is rolled back with
 * v2m_mysql_rollback(), which is fine on a lost connection and outside one. */
int v2m_mysql_begin(struct v2m_mysql *m, struct v2m_err *err);
int v2m_mysql_commit(struct v2m_mysql *m, struct v2m_err *err);
void v2m_mysql_rollback(struct v2m_mysql *m);

/* --- the table (schema.c) --- */

/* Make the database and its table, or bring the table up to date. */
int v2m_mysql_set_up(struct v2m_mysql *m, struct v2m_err *err);

#endif
