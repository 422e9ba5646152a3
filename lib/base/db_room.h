/* db_room.h - the room that a database's write-ahead log has for itself, so
 * that a full disk can be written to and read from: for db.c alone.
 *
 * FILE-wal and its index FILE-shm have V2M_DB_ROOM bytes each that stay
 * allocated when the last connection goes.  SQLite itself gives them up: it
 * unlinks both then (unless SQLITE_FCNTL_PERSIST_WAL), and whoever connects
 * first cuts the index to nothing, since the one of a crashed machine cannot be
 * trusted.  To connect first is told by a lock on one byte of the index, which
 * is taken here before SQLite comes: then it finds that it is not the first,
 * and the index is made void by zeros in its header, in place.  SQLite fills it
 * from the log then, as after a cut.
 *
 * Where any of this fails (no room yet, a file system without such locks), all
 * is as SQLite does it.  Thread-safe.
 */
#ifndef V2M_BASE_DB_ROOM_H
#define V2M_BASE_DB_ROOM_H

#include <stdbool.h>

#define V2M_DB_ROOM (1 << 20)

struct v2m_db_room;

/* Before the database is opened by this process once more.  NULL: no memory, or
 * there is no such database. */
struct v2m_db_room *v2m_db_room_take(const char *path);

/* Once it is open: room for the log, whose name is flushed to disk before. */
void v2m_db_room_log(const char *path);

/* Has this log that room, and so its name on disk? */
bool v2m_db_room_is_given(const char *log);

/* After it was closed.  NULL is fine. */
void v2m_db_room_release(struct v2m_db_room *room);

#endif
