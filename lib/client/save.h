/* save.h - where a fetched MP3 goes, and the name that it gets there.
 *
 * For all who fetch, from wherever the bytes come: begin, write them to fd,
 * end it, release it.  Thread-safe; a struct v2m_save belongs to one thread.
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
 * force, or not by an MP3 (media/output.h); too long; or the folder takes no file. */
int v2m_save_begin(struct v2m_save *s, const struct v2m_fetch *f,
    const struct v2m_record *r, struct v2m_err *err);

/* All bytes are there: give the file its name.  path, of size bytes, receives
 * it, "" for a descriptor.  V2M_CANTCREATE as above. */
int v2m_save_end(struct v2m_save *s, char *path, size_t size,
    struct v2m_err *err);

/* What was not ended is thrown away. */
void v2m_save_release(struct v2m_save *s);

#endif
