#include "base/db_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/db_room.h"
#include "base/db_turns.h"
#include "base/db_vfs.h"
#include "base/owner.h"

#define BUSY_PAUSE_MS 10
#define STALL_MS 50	/* then a writer that does not move is passed over */

/* This many pages fit into the space that the log keeps (db_room.h). */
#define CHECKPOINT_PAGES 160

/* SQLite's busy handler: another connection has the lock; try again?  Readers
 * wait for writers only while the log is recovered. */
static int
wait_busy(void *arg, int count)
{
	struct v2m_db *db = arg;

	if (db->turn)
		return v2m_db_turn_wait(db->turns);
	if (count >= V2M_DB_BUSY_MS / BUSY_PAUSE_MS)
		return 0;
	sqlite3_sleep(count < BUSY_PAUSE_MS ? count + 1 : BUSY_PAUSE_MS);
	return 1;
}

/* Is the file in a folder of our own? */
static bool
is_in_own_folder(const char *path)
{
	char folder[sizeof ((struct v2m_db *)0)->path];
	struct stat st;
	char *slash;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return false;
	slash[slash == folder] = '\0';
	return stat(folder, &st) == 0 && st.st_uid == geteuid();
}

/* The message for a file that may not be opened.  The owner of the state is an
 * administrator, so the message must not say "ask an administrator".  This may
 * be root, who became that owner. */
static int
refuse(const char *path, struct v2m_err *err)
{
	char owner[V2M_OWNER_NAME], other[V2M_OWNER_NAME];
	struct stat st;

	v2m_owner_name(owner, geteuid());
	if (stat(path, &st) < 0 || !is_in_own_folder(path))
		v2m_err_set(err, V2M_DENIED, "you may not use '%s': it "
		    "belongs to the administrator of this v2m (V2M_STATE "
		    "names a state folder of your own)", path);
	else if (st.st_uid == geteuid())
		v2m_err_set(err, V2M_DENIED, "'%s' is closed to its owner "
		    "%s: run chmod u+rw '%s'", path, owner, path);
	else {
		v2m_owner_name(other, st.st_uid);
		v2m_err_set(err, V2M_DENIED, "'%s' belongs to %s, but has "
		    "to belong to %s, the owner of this state: as root, run "
		    "v2m-check --repair", path, other, owner);
	}
	if (err != NULL)
		err->sys = EACCES;
	return -1;
}

/* Look at the file before SQLite does: SQLite would make a file with the mode
 * of umask, and its message about a missing file does not help.  Do not open
 * the file: closing any descriptor of it would drop the locks that other
 * connections of this process hold (https://www.sqlite.org/howtocorrupt.html,
 * 2.2). */
static int
touch(const char *path, bool create, struct v2m_err *err)
{
	if (create && mknod(path, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot create the database '%s'", path);
	if (euidaccess(path, R_OK | W_OK) == 0)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR)
		return v2m_err_set(err, V2M_CONFIG, "no database '%s': run "
		    "v2m-init, or set V2M_STATE", path);
	if (errno == EACCES || errno == EPERM)
		return refuse(path, err);
	return v2m_err_sys(err, V2M_IO, "cannot open '%s'", path);
}

/* Switch a new file to WAL.  If several processes do this at once, SQLite does
 * not wait by itself, as it does elsewhere. */
static int
set_up(sqlite3 *handle)
{
	int64_t until = v2m_mono_ms() + V2M_DB_BUSY_MS;
	int rc;

	for (;;) {
		rc = sqlite3_exec(handle,
		    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		    "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
		    NULL, NULL, NULL);
		if ((rc & 0xff) != SQLITE_BUSY || v2m_mono_ms() >= until)
			return rc;
		sqlite3_sleep(20);
	}
}

/* SQLite's hook after a change: if the log is long, write it to the database.
 * The next change then starts at the beginning of the log, unless a connection
 * still reads from it. */
static int
checkpoint_if_long(void *arg, sqlite3 *handle, const char *name, int frames)
{
	struct v2m_db *db = arg;

	db->frames = frames;
	if (frames >= CHECKPOINT_PAGES)
		sqlite3_wal_checkpoint(handle, name);
	return SQLITE_OK;
}

/* Keep the log and its space when the last connection closes.  A log that grew
 * longer is cut to that space when it starts again. */
static void
keep_room(struct v2m_db *db)
{
	char sql[64];
	int on = 1;

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL,
	    &on);
	sqlite3_wal_hook(db->handle, checkpoint_if_long, db);
	snprintf(sql, sizeof sql, "PRAGMA journal_size_limit=%d", V2M_DB_ROOM);
	sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	v2m_db_room_log(db->path);
}

struct v2m_db *
v2m_db_open(const char *path, bool create, struct v2m_err *err)
{
	struct v2m_db *db;

	if (touch(path, create, err) < 0)
		return NULL;
	db = calloc(1, sizeof *db);
	if (db == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open '%s'", path);
		return NULL;
	}
	snprintf(db->path, sizeof db->path, "%s", path);
	db->room = v2m_db_room_take(path);
	if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, v2m_db_vfs()) != SQLITE_OK)
		goto fail;
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, wait_busy, db);
	if (set_up(db->handle) != SQLITE_OK)
		goto fail;
	keep_room(db);
	db->turns = v2m_db_turns_open(path, STALL_MS, V2M_DB_BUSY_MS);
	return db;
fail:
	if (db->handle != NULL)
		v2m_db_fail(db, err);
	else
		v2m_err_set(err, V2M_TEMP, "out of memory");
	v2m_db_close(db);
	return NULL;
}

struct v2m_db *
v2m_db_open_of(const struct v2m_conf *conf, const char *key, const char *path,
    struct v2m_err *err)
{
	struct stat st;

	if (!v2m_conf_is_set(conf, key) || stat(path, &st) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return v2m_db_open(path, false, err);
	v2m_err_set(err, V2M_CONFIG, "%s: no database '%s': is the path right, "
	    "and its disk mounted? v2m-init makes a new one", key, path);
	return NULL;
}

/* Start the log again, after it was written to the database.  SQLite forgets
 * that it was written when the last connection closes: then the log would grow
 * with each command that makes one change.  Any change does; this number is not
 * used. */
static void
restart_log(struct v2m_db *db)
{
	v2m_db_take_turn(db);
	sqlite3_exec(db->handle, "PRAGMA user_version=0", NULL, NULL, NULL);
	v2m_db_end_turn(db);
}

/* Before a connection closes.  Without this, SQLite would cut the log to
 * nothing at the last close, because of the size limit.  A connection that
 * changed nothing does not write the log to the database; one that changed
 * something does (four flushes for both databases), as people expect that a
 * database without connections has an empty log. */
static void
leave_room(struct v2m_db *db)
{
	if (db->frames >= CHECKPOINT_PAGES)
		restart_log(db);
	sqlite3_exec(db->handle, "PRAGMA journal_size_limit=-1", NULL, NULL,
	    NULL);
	if (sqlite3_total_changes64(db->handle) == 0)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    1, NULL);
}

void
v2m_db_close(struct v2m_db *db)
{
	if (db == NULL)
		return;
	if (db->handle != NULL)
		leave_room(db);
	sqlite3_close(db->handle);
	v2m_db_turns_close(db->turns);
	v2m_db_room_release(db->room);
	free(db);
}
