#include "base/db_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

#include "base/db_room.h"

#define NAME "v2m"

static sqlite3_vfs ours, *base;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *out_flags)
{
	(void)vfs;
	/* If the log is gone by now, it is created after all. */
	if ((flags & SQLITE_OPEN_WAL) != 0 && v2m_db_room_is_given(name) &&
	    base->xOpen(base, name, file, flags & ~SQLITE_OPEN_CREATE,
	    out_flags) == SQLITE_OK)
		return SQLITE_OK;
	return base->xOpen(base, name, file, flags, out_flags);
}

static void
add_vfs(void)
{
	base = sqlite3_vfs_find(NULL);
	if (base == NULL)
		return;
	ours = *base;
	ours.pNext = NULL;
	ours.zName = NAME;
	ours.xOpen = open_file;
	sqlite3_vfs_register(&ours, 0);
}

const char *
v2m_db_vfs(void)
{
	pthread_once(&once, add_vfs);
	return base == NULL ? NULL : NAME;
}
