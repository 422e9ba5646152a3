/* save.h - writing a fetched MP3 to its file, and the file's name.
 *
 * Begin, write the bytes to fd, end, release; the same for bytes from a store
 * and from a gateway.  A struct v2m_save belongs to one thread.
 */
#ifndef V2M_CLIENT_SAVE_H
#define V2M_CLIENT_SAVE_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"
#include "base/io.h"
#include "client/client.h"
#include "store/record.h"

struct v2m_save {
	int fd;				/* write the MP3 to it */
	const struct v2m_fetch *fetch;	/* borrowed */
	const struct v2m_record *record;
	struct v2m_newfile file;	/* .fd -1: fetch->fd is written to */
	char dir[PATH_MAX], name[V2M_NAME_MAX];
};

/* Begin to write the MP3 of r as f says; both are borrowed until the release,
 * which is due on failure too.  V2M_CANTCREATE: the name is taken, and no
 * force, or not by an MP3 (media/output.h); too long; or the folder takes no
 * file. */
int v2m_save_begin(struct v2m_save *s, const struct v2m_fetch *f,
    const struct v2m_record *r, struct v2m_err *err);

/* After all bytes: give the file its name.  path, of size bytes, receives
 * it, "" for a descriptor.  V2M_CANTCREATE as above. */
int v2m_save_end(struct v2m_save *s, char *path, size_t size,
    struct v2m_err *err);

/* Free, and remove the file unless v2m_save_end() returned 0. */
void v2m_save_release(struct v2m_save *s);

#endif
