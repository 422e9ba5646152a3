#include <errno.h>

#include "base/db_private.h"

int
v2m_db_fail(struct v2m_db *db, struct v2m_err *err)
{
	int rc = sqlite3_extended_errcode(db->handle);
	int sys = sqlite3_system_errno(db->handle);
	enum v2m_code code;

	/* A full disk is SQLITE_FULL inside a file, but an I/O error or "unable
	 * to open" when the -wal and -shm files are made. */
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
