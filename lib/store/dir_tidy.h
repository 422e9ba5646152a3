/* dir_tidy.h - removes files that writers left behind when they died.  Private
 * to the dir driver; see v2m_store_tidy(). */
#ifndef V2M_STORE_DIR_TIDY_H
#define V2M_STORE_DIR_TIDY_H

#include "store/dir.h"

/* Remove temporary files, and files named by an ID without a row.  Files of
 * other programs stay. */
int v2m_dir_tidy(struct v2m_db *db, enum v2m_kind kind,
    const char *folder, const struct v2m_tidy *t, struct v2m_err *err);

/* Remove files of partial uploads that have ended. */
int v2m_dir_tidy_partials(struct v2m_dir *d, const struct v2m_tidy *t,
    struct v2m_err *err);

#endif
