/* Copies a database that is in use. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db_private.h"

/* Copy all pages into an empty database.  Errors name the copy. */
static int
copy_pages(struct v2m_db *to, struct v2m_db *from, struct v2m_err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to->handle, "main",
	    from->handle, "main");

	if (b == NULL)
		return v2m_db_fail(to, err);
	sqlite3_backup_step(b, -1);
	if (sqlite3_backup_finish(b) != SQLITE_OK)
		return v2m_db_fail(to, err);
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

/* No other process uses the copy yet, so it needs neither a log nor turns. */
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
		v2m_db_fail(&to, err);
	else
		v2m_err_set(err, V2M_TEMP, "out of memory");
	sqlite3_close(to.handle);
	return ret < 0 ? -1 : flush_file(path, err);
}
