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

/* Is it there, and still as this v2m knows it?  V2M_CONFIG: run v2m-init, or
 * a newer v2m changed it. */
int v2m_dir_index_ready(struct v2m_db *db, struct v2m_err *err);

/* 1; 0 where the ID is taken; -1. */
int v2m_dir_index_add(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* 1 with *object, unless NULL, filled; 0 where there is none; -1. */
int v2m_dir_index_find(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);

/* Of an object with the same bytes under an older fence: put this fence and
 * created_at on it.  1, 0, -1. */
int v2m_dir_index_adopt(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* Drop it if its fence is this one.  1, 0, -1. */
int v2m_dir_index_drop_fenced(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_dir_index_drop(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_err *err);
int v2m_dir_index_objects(struct v2m_db *db, enum v2m_kind kind,
    const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* Those that perhaps no record wants. */
int v2m_dir_index_loose(struct v2m_db *db, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* --- which objects a record wants: dir_wanted.c --- */

/* Where the records are in the same database and it is not so yet, let that
 * keep count of it. */
int v2m_dir_wanted_init(struct v2m_db *db, struct v2m_err *err);

/* That was so: V2M_CONFIG where it was not. */
int v2m_dir_wanted_expect(struct v2m_db *db, struct v2m_err *err);

#endif
