/* dir_index.h - the SQLite index beside the files of the dir driver.
 *
 * A row in the table object makes a file an object.  Private to the driver.
 */
#ifndef V2M_STORE_DIR_INDEX_H
#define V2M_STORE_DIR_INDEX_H

#include "base/db.h"
#include "store/objects.h"

/* Make the table. */
int v2m_dir_index_init(struct v2m_db *db, struct v2m_err *err);

/* Is it there, and of this version?  V2M_CONFIG: v2m-init has not run, or a
 * newer v2m has changed it. */
int v2m_dir_index_ready(struct v2m_db *db, struct v2m_err *err);

/* 1; 0: the ID is taken; -1. */
int v2m_dir_index_add(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* 1, and fills *object unless NULL; 0: there is none; -1. */
int v2m_dir_index_find(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);

/* If there is an object with the same bytes and an older fence: give it this
 * fence and created_at.  1, 0, -1. */
int v2m_dir_index_adopt(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* Remove the row if it has this fence.  1, 0, -1. */
int v2m_dir_index_drop_fenced(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_dir_index_drop(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_err *err);
int v2m_dir_index_objects(struct v2m_db *db, enum v2m_kind kind,
    const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* Call each for objects that perhaps no record needs. */
int v2m_dir_index_loose(struct v2m_db *db, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* --- which objects a record wants: dir_wanted.c --- */

/* If the records are in the same database, make the triggers that keep it up to
 * date, unless they are there. */
int v2m_dir_wanted_init(struct v2m_db *db, struct v2m_err *err);

/* Are the triggers there?  V2M_CONFIG: no. */
int v2m_dir_wanted_expect(struct v2m_db *db, struct v2m_err *err);

#endif
