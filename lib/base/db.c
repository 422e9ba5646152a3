#include "base/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
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

#define BUSY_MS 20000
#define BUSY_PAUSE_MS 10
#define STALL_MS 50	/* a writer that does not move so long is passed over */

/* Less than the log has room for by itself (db_room.h). */
#define CHECKPOINT_PAGES 160

struct v2m_db {
	sqlite3 *handle;
	struct v2m_db_room *room;
	struct v2m_db_turns *turns;	/* NULL: there are none */
	bool turn;			/* ours, to write */
	int frames;			/* of the log, after our last change */
	char path[4096];
};

struct v2m_rows {
	struct v2m_db *db;
	sqlite3_stmt *stmt;
};

/* --- turns --- */

static void
take_turn(struct v2m_db *db)
{
	if (db->turns == NULL || db->turn)
		return;
	v2m_db_turn_take(db->turns);
	db->turn = true;
}

/* A statement that is a transaction by itself, and writes. */
static void
take_turn_for(struct v2m_db *db, sqlite3_stmt *stmt)
{
	if (!sqlite3_stmt_readonly(stmt) && sqlite3_get_autocommit(db->handle))
		take_turn(db);
}

/* Once the transaction has ended, and not before. */
static void
end_turn(struct v2m_db *db)
{
	if (!db->turn || !sqlite3_get_autocommit(db->handle))
		return;
	db->turn = false;
	v2m_db_turn_end(db->turns);
}

/* Somebody has the lock that is wanted: once more?  Readers wait for writers
 * only while the log is recovered. */
static int
wait_busy(void *arg, int count)
{
	struct v2m_db *db = arg;

	if (db->turn)
		return v2m_db_turn_wait(db->turns);
	if (count >= BUSY_MS / BUSY_PAUSE_MS)
		return 0;
	sqlite3_sleep(count < BUSY_PAUSE_MS ? count + 1 : BUSY_PAUSE_MS);
	return 1;
}

/* --- opening --- */

static int
fail(struct v2m_db *db, struct v2m_err *err)
{
	int rc = sqlite3_extended_errcode(db->handle);
	int sys = sqlite3_system_errno(db->handle);
	enum v2m_code code;

	/* A full disk is SQLITE_FULL in the middle of a file, but an I/O error
	 * or "unable to open" where the -wal and -shm files are made. */
	if ((rc & 0xff) == SQLITE_FULL || ((sys == ENOSPC || sys == EDQUOT) &&
	    ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN))) {
		errno = sys == EDQUOT ? EDQUOT : ENOSPC;
		return v2m_err_sys(err, V2M_TEMP, "database '%s'", db->path);
	}
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
		code = V2M_TEMP;
		break;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		code = V2M_DENIED;
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		code = V2M_IO;
		break;
	default:
		code = V2M_BUG;
	}
	v2m_err_set(err, code, "database '%s': %s", db->path,
	    sqlite3_errmsg(db->handle));
	if (err != NULL && code == V2M_DENIED)
		err->sys = EACCES;
	return -1;
}

/* Whose is the folder that it lies in? */
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

/* The owner of the state is the administrator, who is not to be sent to one.
 * He may be root, who became that owner. */
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
		v2m_err_set(err, V2M_DENIED, "'%s' belongs to %s, and has to "
		    "belong to %s, whose state this is: as root, run "
		    "v2m-check --repair", path, other, owner);
	}
	if (err != NULL)
		err->sys = EACCES;
	return -1;
}

/* SQLite would make a file as umask says and report a missing one in words
 * that help nobody: so look first.  Without opening the file: closing any
 * descriptor of it would drop the locks that other connections of this
 * process hold (https://www.sqlite.org/howtocorrupt.html, 2.2). */
static int
touch(const char *path, bool create, struct v2m_err *err)
{
	if (create && mknod(path, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot create the database '%s'", path);
	if (euidaccess(path, R_OK | W_OK) == 0)
		return 0;
	if (errno == ENOENT)
		return v2m_err_set(err, V2M_CONFIG, "no database '%s': run "
		    "v2m-init, or set V2M_STATE", path);
	if (errno == EACCES || errno == EPERM)
		return refuse(path, err);
	return v2m_err_sys(err, V2M_IO, "cannot open '%s'", path);
}

/* The first to open a new file turns it to WAL; for that SQLite does not wait
 * as it does elsewhere, when several come at once. */
static int
set_up(sqlite3 *handle)
{
	int64_t until = v2m_mono_ms() + BUSY_MS;
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

/* What is in the log goes to the database; the next change begins it anew,
 * unless somebody still reads in it. */
static int
heed_log(void *arg, sqlite3 *handle, const char *name, int frames)
{
	struct v2m_db *db = arg;

	db->frames = frames;
	if (frames >= CHECKPOINT_PAGES)
		sqlite3_wal_checkpoint(handle, name);
	return SQLITE_OK;
}

/* The log stays, and so does its room; one that grew beyond that is cut to it
 * when it is begun anew. */
static void
keep_room(struct v2m_db *db)
{
	char sql[64];
	int on = 1;

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL,
	    &on);
	sqlite3_wal_hook(db->handle, heed_log, db);
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
	db->turns = v2m_db_turns_open(path, STALL_MS, BUSY_MS);
	return db;
fail:
	if (db->handle != NULL)
		fail(db, err);
	else
		v2m_err_set(err, V2M_TEMP, "out of memory");
	v2m_db_close(db);
	return NULL;
}

/* That the log was written to the database is forgotten when nobody has it
 * open: so it is begun anew before, or it would grow with each command that
 * makes one change.  Any change does; nobody uses this number. */
static void
begin_log_anew(struct v2m_db *db)
{
	take_turn(db);
	sqlite3_exec(db->handle, "PRAGMA user_version=0", NULL, NULL, NULL);
	end_turn(db);
}

/* With a limit, SQLite would cut the log to nothing as the last connection
 * goes.  Who changed nothing need not write what others left in it to the
 * database, each time anew.  Who did writes it, four flushes for both
 * databases: people take a log for empty when nobody is connected. */
static void
leave_room(struct v2m_db *db)
{
	if (db->frames >= CHECKPOINT_PAGES)
		begin_log_anew(db);
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

static sqlite3_stmt *
prepare_statement(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const struct v2m_arg *args, size_t n)
{
	sqlite3_stmt *stmt = NULL;
	size_t i;
	int rc;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) !=
	    SQLITE_OK) {
		fail(db, err);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		if (args[i].type == 't')
			rc = sqlite3_bind_text(stmt, (int)i + 1, args[i].text,
			    -1, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_int64(stmt, (int)i + 1,
			    args[i].number);
		if (rc != SQLITE_OK) {
			fail(db, err);
			sqlite3_finalize(stmt);
			return NULL;
		}
	}
	return stmt;
}

#define ARGS_MAX 32		/* of a call with a string of types */

static size_t
collect_args(struct v2m_arg args[ARGS_MAX], const char *types, va_list ap)
{
	size_t i, n = strlen(types);

	if (n > ARGS_MAX)
		abort();
	for (i = 0; i < n; i++) {
		args[i].type = types[i];
		if (types[i] == 't')
			args[i].text = va_arg(ap, const char *);
		else
			args[i].number = va_arg(ap, int64_t);
	}
	return n;
}

int64_t
v2m_db_run_args(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const struct v2m_arg *args, size_t n)
{
	sqlite3_stmt *stmt = prepare_statement(db, err, sql, args, n);
	int64_t ret = -1;
	int rc;

	if (taken != NULL)
		*taken = false;
	if (stmt == NULL)
		return -1;
	take_turn_for(db, stmt);
	do {
		rc = sqlite3_step(stmt);
	} while (rc == SQLITE_ROW);
	if (rc == SQLITE_DONE) {
		ret = sqlite3_changes64(db->handle);
	} else {
		if (taken != NULL)
			*taken = rc == SQLITE_CONSTRAINT_UNIQUE ||
			    rc == SQLITE_CONSTRAINT_PRIMARYKEY;
		fail(db, err);
	}
	sqlite3_finalize(stmt);
	end_turn(db);
	return ret;
}

int64_t
v2m_db_run(struct v2m_db *db, struct v2m_err *err, bool *taken,
    const char *sql, const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	va_list ap;
	size_t n;

	va_start(ap, types);
	n = collect_args(args, types, ap);
	va_end(ap);
	return v2m_db_run_args(db, err, taken, sql, args, n);
}

static int
execute(struct v2m_db *db, const char *sql, struct v2m_err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, err);
	return 0;
}

int
v2m_db_begin(struct v2m_db *db, struct v2m_err *err)
{
	int ret;

	take_turn(db);
	ret = execute(db, "BEGIN IMMEDIATE", err);
	end_turn(db);
	return ret;
}

int
v2m_db_commit(struct v2m_db *db, struct v2m_err *err)
{
	int ret = execute(db, "COMMIT", err);

	end_turn(db);
	return ret;
}

void
v2m_db_rollback(struct v2m_db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	end_turn(db);
}

int
v2m_db_begin_reading(struct v2m_db *db, struct v2m_err *err)
{
	int64_t n;

	/* It begins with the first look, not before. */
	if (execute(db, "BEGIN", err) < 0)
		return -1;
	if (v2m_db_int(db, err, &n, "SELECT count(*) FROM sqlite_master",
	    "") == 1)
		return 0;
	v2m_db_rollback(db);
	return -1;
}

/* All pages, into an empty database.  What fails there is told of it. */
static int
copy_pages(struct v2m_db *to, struct v2m_db *from, struct v2m_err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to->handle, "main",
	    from->handle, "main");

	if (b == NULL)
		return fail(to, err);
	sqlite3_backup_step(b, -1);
	if (sqlite3_backup_finish(b) != SQLITE_OK)
		return fail(to, err);
	return 0;
}

static int
flush_file(const char *path, struct v2m_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || fsync(fd) < 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot flush '%s'", path);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* It is nobody's yet, so it needs neither a log nor turns. */
int
v2m_db_copy(struct v2m_db *db, const char *path, struct v2m_err *err)
{
	struct v2m_db to = { .handle = NULL };
	int ret = -1;

	if (mknod(path, S_IFREG | 0600, 0) < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot create '%s'",
		    path);
	snprintf(to.path, sizeof to.path, "%s", path);
	if (sqlite3_open_v2(path, &to.handle, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
	    sqlite3_exec(to.handle, "PRAGMA journal_mode=OFF;"
	    "PRAGMA synchronous=OFF", NULL, NULL, NULL) == SQLITE_OK)
		ret = copy_pages(&to, db, err);
	else if (to.handle != NULL)
		fail(&to, err);
	else
		v2m_err_set(err, V2M_TEMP, "out of memory");
	sqlite3_close(to.handle);
	return ret < 0 ? -1 : flush_file(path, err);
}

struct v2m_rows *
v2m_db_query_args(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const struct v2m_arg *args, size_t n)
{
	struct v2m_rows *rows = calloc(1, sizeof *rows);

	if (rows == NULL) {
		v2m_err_sys(err, V2M_TEMP, "database '%s'", db->path);
		return NULL;
	}
	rows->db = db;
	rows->stmt = prepare_statement(db, err, sql, args, n);
	if (rows->stmt == NULL) {
		free(rows);
		return NULL;
	}
	take_turn_for(db, rows->stmt);
	return rows;
}

struct v2m_rows *
v2m_db_query(struct v2m_db *db, struct v2m_err *err, const char *sql,
    const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	va_list ap;
	size_t n;

	va_start(ap, types);
	n = collect_args(args, types, ap);
	va_end(ap);
	return v2m_db_query_args(db, err, sql, args, n);
}

int
v2m_rows_next(struct v2m_rows *rows, struct v2m_err *err)
{
	switch (sqlite3_step(rows->stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return fail(rows->db, err);
	}
}

int64_t
v2m_rows_int(struct v2m_rows *rows, int column)
{
	return sqlite3_column_int64(rows->stmt, column);
}

const char *
v2m_rows_text(struct v2m_rows *rows, int column)
{
	const unsigned char *s = sqlite3_column_text(rows->stmt, column);

	return s == NULL ? "" : (const char *)s;
}

size_t
v2m_rows_size(struct v2m_rows *rows, int column)
{
	sqlite3_column_text(rows->stmt, column);
	return (size_t)sqlite3_column_bytes(rows->stmt, column);
}

void
v2m_rows_free(struct v2m_rows *rows)
{
	if (rows == NULL)
		return;
	sqlite3_finalize(rows->stmt);
	end_turn(rows->db);
	free(rows);
}

int
v2m_db_int(struct v2m_db *db, struct v2m_err *err, int64_t *n,
    const char *sql, const char *types, ...)
{
	struct v2m_arg args[ARGS_MAX];
	sqlite3_stmt *stmt;
	va_list ap;
	size_t nargs;
	int rc;

	va_start(ap, types);
	nargs = collect_args(args, types, ap);
	va_end(ap);
	stmt = prepare_statement(db, err, sql, args, nargs);
	if (stmt == NULL)
		return -1;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*n = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		fail(db, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

static int
version_of(struct v2m_db *db, const char *component, int64_t *version,
    struct v2m_err *err)
{
	int64_t tables;

	*version = 0;
	if (v2m_db_int(db, err, &tables, "SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'table' AND name = 'v2m_schema'", "") < 0)
		return -1;
	if (tables == 0)
		return 0;
	return v2m_db_int(db, err, version, "SELECT version FROM v2m_schema "
	    "WHERE component = ?", "t", component) < 0 ? -1 : 0;
}

static int64_t
count_steps(const char *const *steps)
{
	int64_t n = 0;

	while (steps[n] != NULL)
		n++;
	return n;
}

int
v2m_db_migrate(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err)
{
	int64_t version, wanted = count_steps(steps);

	if (v2m_db_begin(db, err) < 0)
		return -1;
	if (execute(db, "CREATE TABLE IF NOT EXISTS v2m_schema ("
	    "component TEXT PRIMARY KEY, version INTEGER NOT NULL)", err) < 0 ||
	    version_of(db, component, &version, err) < 0)
		goto fail;
	if (version > wanted) {
		v2m_err_set(err, V2M_CONFIG, "database '%s' was made by a "
		    "newer v2m: install that one", db->path);
		goto fail;
	}
	for (; version < wanted; version++)
		if (execute(db, steps[version], err) < 0)
			goto fail;
	if (v2m_db_run(db, err, NULL, "INSERT INTO v2m_schema VALUES (?, ?) "
	    "ON CONFLICT (component) DO UPDATE SET version = excluded.version",
	    "ti", component, wanted) < 0)
		goto fail;
	return v2m_db_commit(db, err);
fail:
	v2m_db_rollback(db);
	return -1;
}

int
v2m_db_expect(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err)
{
	int64_t version;

	if (version_of(db, component, &version, err) < 0)
		return -1;
	if (version > 0 && version < count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' was made by "
		    "an older v2m: run v2m-init, which upgrades it and keeps "
		    "what is in it", db->path);
	if (version < count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' is not set "
		    "up: run v2m-init", db->path);
	if (version > count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' was made by "
		    "a newer v2m: install that one", db->path);
	return 0;
}
