/* db_vfs.h - SQLite's default VFS without a flush that is not needed.  For db.c
 * only.
 *
 * SQLite opens a write-ahead log as if it might have to create it, and so
 * flushes the folder with the first transaction of each connection.  Here a log
 * that has its space (base/db_room.h) is opened as an existing file: it got its
 * space only after the folder was flushed.
 */
#ifndef V2M_BASE_DB_VFS_H
#define V2M_BASE_DB_VFS_H

/* Its name, for sqlite3_open_v2(); NULL, for the default one, if it fails. */
const char *v2m_db_vfs(void);

#endif
