/* db_turns.h - writers of a database take turns: for db.c alone.
 *
 * SQLite has no queue for its one write lock: who waits looks again after a
 * pause, the longer the later, and among many somebody always comes first who
 * has just come.  So writers line up here before they ask SQLite.  A turn
 * protects nothing, the lock is SQLite's alone: whoever comes out of turn waits
 * for that lock and harms nobody.  That makes it safe to pass over a writer
 * that does not answer.
 *
 * FILE-turns has a place for each connection: its ticket while it waits or
 * writes, and a futex to wake it by.  The lowest ticket has the turn.  Who ends
 * its turn wakes the next.  Who has waited for stall_ms without anything having
 * moved takes away the tickets of the dead, whose places are no longer
 * locked; where there are none, the first is passed over: it is stopped, or
 * writes for long.  It keeps its ticket, and is the first again when it runs.
 *
 * One thread's at a time, as its connection; not for use across fork.
 */
#ifndef V2M_BASE_DB_TURNS_H
#define V2M_BASE_DB_TURNS_H

#include <stdbool.h>

struct v2m_db_turns;

/* A place among the writers of the database `path`, which exists.  NULL: the
 * file cannot be made, or has no place left; then all is as SQLite does it. */
struct v2m_db_turns *v2m_db_turns_open(const char *path, int stall_ms,
    int patience_ms);
void v2m_db_turns_close(struct v2m_db_turns *t);	/* NULL is fine */

/* Wait for our turn; at most until the patience is at an end. */
void v2m_db_turn_take(struct v2m_db_turns *t);

/* The lock is somebody else's, though it is our turn: wait a moment.  false:
 * in patience_ms of waiting nobody has ended a turn.  The time that this
 * process was stopped does not count. */
bool v2m_db_turn_wait(struct v2m_db_turns *t);

/* Our turn is over: the next.  Fine without one. */
void v2m_db_turn_end(struct v2m_db_turns *t);

/* How many have a ticket. */
int v2m_db_turns_count(const struct v2m_db_turns *t);

#endif
