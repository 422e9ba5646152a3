/* backup_folder.h - the folder of a backup, and the file in it that says what
 * it is: for backup.c, which has the rules. */
#ifndef V2M_FLOW_BACKUP_FOLDER_H
#define V2M_FLOW_BACKUP_FOLDER_H

#include "base/err.h"

#define V2M_BACKUP_NOTE "v2m-backup"

/* A descriptor that keeps others out of it until it is closed. */
int v2m_backup_begin(const char *dir, struct v2m_err *err);

/* From now on what is there is neither the old copy nor the new one. */
int v2m_backup_begin_end(const char *dir, struct v2m_err *err);

/* Now it is complete. */
int v2m_backup_end(const char *dir, struct v2m_err *err);

#endif
