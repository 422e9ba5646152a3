/* dir_copy.h - copies the files of a dir: store that is in use.
 *
 * The file of an object never changes.  So a file that the copy already has
 * need not be copied again, and a hard link will do.  The file of a partial
 * upload does change, and is copied each time.  Called in this order, the
 * functions make a complete copy:
 *
 *	v2m_dir_copy_files()	copy the files there are: nearly all
 *	v2m_db_begin_reading()	from here on, we see the index unchanged
 *	v2m_dir_copy_list()	read which objects it has
 *	v2m_dir_copy_rest()	copy those that came meanwhile; if one of them
 *				was removed, begin again with the index
 *	v2m_dir_copy_tidy()	remove files that the index does not have
 *
 * For one thread, and only one copy at a time to a folder.
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
	/* set by the caller */
	const char *from, *to;	/* the FOLDERs of dir:FOLDER; borrowed */
	bool link;		/* make hard links if that is possible */
	/* Called for an object whose file is missing in the store itself. */
	void (*lost)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
	/* the result */
	bool linked;		/* hard links were made */
	int64_t files, bytes;	/* new in the copy */
	int64_t removed;	/* files removed from the copy */
	/* private */
	struct v2m_dir_copy_ids objects[2];	/* by enum v2m_kind, sorted */
	struct v2m_dir_copy_ids partials;
};

int v2m_dir_copy_files(struct v2m_dir_copy *c, struct v2m_err *err);

/* index: a database in a reading transaction. */
int v2m_dir_copy_list(struct v2m_dir_copy *c, struct v2m_db *index,
    struct v2m_err *err);

/* live: the same index without that transaction.  1; 0: an object was removed
 * since it was listed; -1. */
int v2m_dir_copy_rest(struct v2m_dir_copy *c, struct v2m_db *live,
    struct v2m_err *err);
int v2m_dir_copy_tidy(struct v2m_dir_copy *c, struct v2m_err *err);
void v2m_dir_copy_release(struct v2m_dir_copy *c);

#endif
