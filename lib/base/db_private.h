/* db_private.h - what the files of db.h share, and nobody else.
 *
 * Files: db.c (statements and transactions), db_open.c, db_copy.c, db_schema.c
 * (the tables' versions), db_error.c.
 */
#ifndef V2M_BASE_DB_PRIVATE_H
#define V2M_BASE_DB_PRIVATE_H

#include <sqlite3.h>

#include "base/db.h"

#define V2M_DB_BUSY_MS 20000

struct v2m_db {
	sqlite3 *handle;
	struct v2m_db_room *room;
	struct v2m_db_turns *turns;	/* NULL: there are none */
	bool turn;			/* ours, to write */
	int frames;			/* of the log, after our last change */
	char path[4096];
};

/* db.c: line up to write, and let the next one, once no transaction is open
 * any more.  Both are fine where it is done already. */
void v2m_db_take_turn(struct v2m_db *db);
void v2m_db_end_turn(struct v2m_db *db);

/* db.c: run SQL of one or more statements. */
int v2m_db_execute(struct v2m_db *db, const char *sql, struct v2m_err *err);

/* db_error.c: what SQLite says of its latest failure.  Returns -1. */
int v2m_db_fail(struct v2m_db *db, struct v2m_err *err);

#endif
