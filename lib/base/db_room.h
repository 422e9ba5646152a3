/* db_room.h - keeps disk space for the write-ahead log of a database, so that
 * it can be used on a full disk.  For db.c only.
 *
 * The log FILE-wal and its index FILE-shm keep V2M_DB_ROOM bytes each,
 * allocated even when the last connection closes.  SQLite itself gives this
 * space up: at the last close it removes both files (unless
 * SQLITE_FCNTL_PERSIST_WAL), and the first connection truncates the index,
 * because the index of a crashed machine cannot be trusted.
 *
 * Whether a connection is the first, SQLite finds out by a lock on one byte of
 * the index.  Here this lock is taken before SQLite opens the file, so SQLite
 * believes that it is not the first.  In place of truncating, the header of the
 * index is overwritten with zeros; then SQLite fills the index from the log, as
 * after truncating.
 *
 * If any of this fails (no space yet, a file system without such locks), SQLite
 * does it in its own way.  Thread-safe.
 */
#ifndef V2M_BASE_DB_ROOM_H
#define V2M_BASE_DB_ROOM_H

#include <stdbool.h>

#define V2M_DB_ROOM (1 << 20)

struct v2m_db_room;

/* Call it before opening the database.  NULL: no memory, or there is no such
 * database. */
struct v2m_db_room *v2m_db_room_take(const char *path);

/* Call it after opening: allocate space for the log.  The folder is flushed
 * before, so that the name of the log is on disk. */
void v2m_db_room_log(const char *path);

/* Has this log its space?  Then its name is on disk as well. */
bool v2m_db_room_is_given(const char *log);

/* Call it after closing the database.  NULL is fine. */
void v2m_db_room_release(struct v2m_db_room *room);

#endif
