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
	struct v2m_db_turns *turns;	/* NULL: they cannot be used */
	bool turn;			/* it is our turn to write */
	int frames;			/* in the log, after our last change */
	char path[4096];
};

/* db.c: wait for our turn to write; end it, unless a transaction is open.  Both
 * may be called again. */
void v2m_db_take_turn(struct v2m_db *db);
void v2m_db_end_turn(struct v2m_db *db);

/* db.c: run SQL of one or more statements. */
int v2m_db_execute(struct v2m_db *db, const char *sql, struct v2m_err *err);

/* db_error.c: set err from SQLite's latest failure.  Returns -1. */
int v2m_db_fail(struct v2m_db *db, struct v2m_err *err);

#endif
