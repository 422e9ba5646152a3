/* db_vfs.h - SQLite's way to files, less a flush that is not needed: for db.c
 * alone.
 *
 * SQLite opens a write-ahead log as if it might have to make it, and so flushes
 * its folder with the first transaction of each connection.  Here a log that
 * has its room (base/db_room.h) is opened as one that is there: the room is
 * given only after the folder was flushed, so its name is on disk already.
 */
#ifndef V2M_BASE_DB_VFS_H
#define V2M_BASE_DB_VFS_H

/* Its name, for sqlite3_open_v2(); NULL: none, SQLite's own is used. */
const char *v2m_db_vfs(void);

#endif
