/* dir_copy.h - a copy of the files of a dir: store that is in use.
 *
 * The file of an object is written once and never changed, so one that the
 * copy has already is as good as the one there, and a second name will do.
 * What has come of a partial upload is written on: that is copied each time.
 * The order in which these are called makes the copy complete:
 *
 *	v2m_dir_copy_files()	what has a file now: nearly all
 *	v2m_db_begin_reading()	from here on the index does not change for us
 *	v2m_dir_copy_list()	what is in it
 *	v2m_dir_copy_rest()	what came in between; once more from the index
 *				where some of it is gone again
 *	v2m_dir_copy_tidy()	away with what the index does not have
 *
 * One thread's; only one copy at a time to a folder.
 */
#ifndef V2M_STORE_DIR_COPY_H
#define V2M_STORE_DIR_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "base/id.h"

struct v2m_dir_copy_ids {
	char (*ids)[V2M_ID_SIZE];
	size_t n, room;
};

struct v2m_dir_copy {
	/* the caller's */
	const char *from, *to;	/* the FOLDERs of dir:FOLDER; borrowed */
	bool link;		/* second names, where that is possible */
	/* An object whose file is lost, in the store itself. */
	void (*lost)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
	/* what came of it */
	bool linked;		/* there are such names */
	int64_t files, bytes;	/* that are new in the copy */
	int64_t removed;	/* files that went */
	/* its own */
	struct v2m_dir_copy_ids objects[2];	/* by enum v2m_kind, sorted */
	struct v2m_dir_copy_ids partials;
};

int v2m_dir_copy_files(struct v2m_dir_copy *c, struct v2m_err *err);

/* index sees one moment. */
int v2m_dir_copy_list(struct v2m_dir_copy *c, struct v2m_db *index,
    struct v2m_err *err);

/* live is the same index as it is now.  1; 0 an object has been removed since
 * it was listed; -1. */
int v2m_dir_copy_rest(struct v2m_dir_copy *c, struct v2m_db *live,
    struct v2m_err *err);
int v2m_dir_copy_tidy(struct v2m_dir_copy *c, struct v2m_err *err);
void v2m_dir_copy_release(struct v2m_dir_copy *c);

#endif
