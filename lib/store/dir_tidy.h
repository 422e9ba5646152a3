/* dir_tidy.h - what writers that died left in the folders of the dir driver.
 * Private to the driver; see v2m_store_tidy(). */
#ifndef V2M_STORE_DIR_TIDY_H
#define V2M_STORE_DIR_TIDY_H

#include "store/dir.h"

/* Temporary files, and files named by an ID that has no row.  Other people's
 * files stay. */
int v2m_dir_tidy(struct v2m_db *db, enum v2m_kind kind,
    const char *folder, const struct v2m_tidy *t, struct v2m_err *err);

/* Files of partial uploads that have ended. */
int v2m_dir_tidy_partials(struct v2m_dir *d, const struct v2m_tidy *t,
    struct v2m_err *err);

#endif
