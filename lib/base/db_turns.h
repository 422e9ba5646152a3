/* db_turns.h - a queue for the writers of a database.  For db.c only.
 *
 * SQLite has no queue for its one write lock: a waiting writer tries again
 * after a pause, which gets longer, so with many writers a new one mostly gets
 * the lock first.  Therefore writers queue here before they ask SQLite.  A turn
 * protects nothing: the lock does.  A writer out of turn only waits for the
 * lock.  So it is safe to pass over a writer that does not move.
 *
 * FILE-turns has a place for each connection, with its ticket while it waits or
 * writes, and a futex to wake it.  The lowest ticket has the turn.  A writer
 * that ends its turn wakes the next.  A writer that has waited for stall_ms
 * while nothing moved removes the tickets of dead writers, whose places are not
 * locked any more; if there are none, it passes over the first, which may be
 * stopped or writes for long.  That one keeps its ticket, and is the first
 * again when it runs.
 *
 * For one thread at a time, as the connection; not for use across fork.
 */
#ifndef V2M_BASE_DB_TURNS_H
#define V2M_BASE_DB_TURNS_H

#include <stdbool.h>

struct v2m_db_turns;

/* Get a place among the writers of the database `path`, which exists.  NULL:
 * the file cannot be made, or has no place left; then writers do without
 * turns. */
struct v2m_db_turns *v2m_db_turns_open(const char *path, int stall_ms,
    int patience_ms);
void v2m_db_turns_close(struct v2m_db_turns *t);	/* NULL is fine */

/* Wait for our turn, at most as long as v2m_db_turn_wait() would. */
void v2m_db_turn_take(struct v2m_db_turns *t);

/* It is our turn, but another process has the lock: wait a moment.  false: no
 * turn has ended for patience_ms.  Time in which this process was stopped does
 * not count. */
bool v2m_db_turn_wait(struct v2m_db_turns *t);

/* End our turn, and wake the next writer.  Fine without a turn. */
void v2m_db_turn_end(struct v2m_db_turns *t);

/* The number of writers that wait or write. */
int v2m_db_turns_count(const struct v2m_db_turns *t);

#endif
