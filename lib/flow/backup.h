/* backup.h - a copy of an embedded state that is in use.
 *
 * The databases of users, queue and store are copied as they are at one moment:
 * for that all of them are locked for some milliseconds.  So the copy is what a
 * power cut at this moment would have left, which all of v2m is made for.  All
 * objects that the index then has are in it (store/dir_copy.h).
 *
 * DIR has the names of STATE; what the configuration puts elsewhere is
 * users.db, queue.db, store/ or objects/ in it.  Its file v2m-backup says when
 * it was completed; a copy that breaks off leaves the one before as it was,
 * until the databases are put in place at the end.  What is on servers is left
 * out.
 */
#ifndef V2M_FLOW_BACKUP_H
#define V2M_FLOW_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_backup {
	bool link;		/* second names of objects where possible */
	/* An object whose file the store has lost; not in the copy either. */
	void (*lost)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
	/* what came of it */
	bool linked;		/* there are such names */
	int64_t files, bytes;	/* of objects that are new in the copy */
	int64_t removed;	/* files that went from it */
};

/* Make the folder, for the owner of the state, and see that it is empty or a
 * backup, and not the state's: as root still, where one is.  V2M_USAGE,
 * V2M_CANTCREATE. */
int v2m_backup_folder(const struct v2m_conf *conf, const char *dir,
    struct v2m_err *err);

/* V2M_CONFIG: nothing of the configuration is embedded; not set up.
 * V2M_TEMP: another one is at work there; objects are removed faster than they
 * can be copied; the disk is full; a signal came. */
int v2m_backup(const struct v2m_conf *conf, const char *dir,
    struct v2m_backup *b, struct v2m_err *err);

#endif
