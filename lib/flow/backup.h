/* backup.h - a copy of an embedded state that is in use.
 *
 * The databases of users, queue and store are copied as they are at one moment:
 * for that all of them are locked for some milliseconds.  So the copy is what a
 * power cut at that moment would have left, and v2m recovers from a power cut.
 * All objects that the index has at that moment are copied, too
 * (store/dir_copy.h).
 *
 * The files in DIR have the same names as in STATE.  What the configuration
 * puts outside of STATE becomes users.db, queue.db, store/ or objects/ in DIR.
 * The file v2m-backup in DIR says when the copy was completed.  If copying is
 * interrupted, the previous copy in DIR stays valid, until the databases are
 * put in place at the end.  What is on servers is not copied.
 */
#ifndef V2M_FLOW_BACKUP_H
#define V2M_FLOW_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_backup {
	bool link;		/* hard links to objects where possible */
	/* Called for an object whose file is missing in the store; it is
	 * missing in the copy as well. */
	void (*lost)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
	/* the result */
	bool linked;		/* some objects are hard links */
	int64_t files, bytes;	/* objects that are new in the copy */
	int64_t removed;	/* files that were removed from the copy */
};

/* Make the folder, for the owner of the state, and check that it is empty or a
 * backup, and apart from the state.  Call it before v2m_state_become(), while
 * the process may still be root.  V2M_USAGE, V2M_CANTCREATE. */
int v2m_backup_folder(const struct v2m_conf *conf, const char *dir,
    struct v2m_err *err);

/* Copy.  V2M_CONFIG: users, store and queue are all on servers, or not set up.
 * V2M_TEMP: another v2m-backup writes to dir; objects are removed faster than
 * they can be copied; the disk is full; a signal came. */
int v2m_backup(const struct v2m_conf *conf, const char *dir,
    struct v2m_backup *b, struct v2m_err *err);

#endif
