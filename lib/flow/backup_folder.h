/* backup_folder.h - the folder of a backup, and the file in it that says
 * whether the copy is complete.  For backup.c only; see backup.h. */
#ifndef V2M_FLOW_BACKUP_FOLDER_H
#define V2M_FLOW_BACKUP_FOLDER_H

#include "base/err.h"

#define V2M_BACKUP_NOTE "v2m-backup"

/* Lock the folder.  Returns a descriptor; closing it ends the lock. */
int v2m_backup_begin(const char *dir, struct v2m_err *err);

/* The databases are about to be replaced: note that the copy is incomplete. */
int v2m_backup_begin_end(const char *dir, struct v2m_err *err);

/* Note that the copy is complete. */
int v2m_backup_end(const char *dir, struct v2m_err *err);

#endif
