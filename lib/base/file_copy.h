/* file_copy.h - makes a hard link to a file, or a copy of it.  Thread-safe. */
#ifndef V2M_BASE_FILE_COPY_H
#define V2M_BASE_FILE_COPY_H

#include <stdbool.h>

#include "base/err.h"

enum v2m_file_copied {
	V2M_FILE_GONE = 0,	/* there is no file `from` */
	V2M_FILE_COPIED,
	V2M_FILE_LINKED,
};

/* Put the regular file `from` into the folder dir as `name`, in place of a file
 * that has this name.  link: as a hard link if the file system can do that;
 * else as a copy, which gets its name when it is complete and flushed.  -1:
 * V2M_IO, V2M_CANTCREATE, V2M_DENIED; V2M_TEMP: the disk is full, or a signal
 * came (base/stop.h). */
int v2m_file_copy(const char *from, const char *dir, const char *name,
    bool link, struct v2m_err *err);

#endif
