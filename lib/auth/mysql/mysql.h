/* mysql.h - what the files of the module users-mysql share: a connection that
 * is renewed when it is lost, and prepared statements on it.
 *
 * Only these files use the client library: MariaDB's Connector/C or MySQL's.
 * All statements are prepared, and all text is utf8mb4.  No call waits for the
 * server for longer than users_timeout.  A struct v2m_mysql belongs to one
 * thread, and must not be used after a fork.
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

#define V2M_MYSQL_COLUMNS 6	/* at most, of a query */
#define V2M_MYSQL_VALUE 1100	/* bytes: 255 characters of four, and more */
#define V2M_MYSQL_ARGS 6

struct v2m_mysql {
	MYSQL *db;		/* NULL: not connected */
	struct v2m_url url;
	char socket[108];	/* "": none */
	struct v2m_hosts hosts;	/* all equal: a cluster */
	size_t host;		/* index in hosts of the present one */
	const char *where;	/* "host:port" or the socket, for messages */
	const char *tls;	/* these belong to the configuration */
	const char *ca, *cert, *key;
	unsigned timeout_s;
	unsigned number;	/* of the last failure, see mysqld_error.h */
	bool lost;		/* it ended the connection or transaction */
};

/* --- the connection (connect.c) --- */

/* Read the URL and the other keys; does not connect.  conf must outlive m.
 * V2M_CONFIG.  Release also after an error. */
int v2m_mysql_init(struct v2m_mysql *m, const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_mysql_release(struct v2m_mysql *m);

/* Close the connection if there is one, and connect to the first host that
 * accepts us.  The hosts share the time for one connection; each has at least
 * one second.  database: NULL for none.  patience_s: how long an answer may
 * take; 0: users_timeout.  V2M_TEMP; V2M_CONFIG: access denied, no such
 * database, no encryption. */
int v2m_mysql_connect(struct v2m_mysql *m, const char *database,
    unsigned patience_s, struct v2m_err *err);

/* Close a lost connection; the next one tries another host first. */
void v2m_mysql_turn(struct v2m_mysql *m);

/* The name of the database: that of the URL, or "auth". */
const char *v2m_mysql_database(const struct v2m_mysql *m);

/* --- errors (error.c) --- */

/* Set err, m->number and m->lost from the number and text of an error of the
 * client library or the server.  Returns -1. */
int v2m_mysql_error(struct v2m_mysql *m, unsigned number, const char *text,
    struct v2m_err *err);

/* --- statements (query.c) --- */

/* One row as text; a value may contain NULs. */
struct v2m_mysql_row {
	char value[V2M_MYSQL_COLUMNS][V2M_MYSQL_VALUE + 1];
	size_t size[V2M_MYSQL_COLUMNS];
	bool null[V2M_MYSQL_COLUMNS];
};

/* Called for each row.  0: go on; else the query ends and returns the value. */
typedef int v2m_mysql_visit(void *arg, const struct v2m_mysql_row *row);

/* Run one statement; arguments as in base/db.h: 't' const char *, 'i' int64_t.
 * Returns the number of rows changed or found; -1 on error. */
int64_t v2m_mysql_run(struct v2m_mysql *m, struct v2m_err *err,
    const char *sql, const char *types, ...);
int64_t v2m_mysql_query(struct v2m_mysql *m, struct v2m_err *err,
    v2m_mysql_visit *visit, void *arg, const char *sql, const char *types,
    ...);

/* A transaction: begin, then commit or rollback.  v2m_mysql_rollback() is also
 * allowed on a lost connection, and outside a transaction. */
int v2m_mysql_begin(struct v2m_mysql *m, struct v2m_err *err);
int v2m_mysql_commit(struct v2m_mysql *m, struct v2m_err *err);
void v2m_mysql_rollback(struct v2m_mysql *m);

/* --- the table (schema.c) --- */

/* Create the database and its table, or update the table. */
int v2m_mysql_set_up(struct v2m_mysql *m, struct v2m_err *err);

#endif
