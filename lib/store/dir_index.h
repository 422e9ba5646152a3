/* dir_index.h - the SQLite index beside the files of the dir: store.
 *
 * A row in the table object makes a file an object, a row in the table record
 * is the record of a job, those in the table note are documents.  Private to
 * the driver; the rules are store.h's.  Files: dir_index.c (the database,
 * objects), dir_records.c (records), dir_documents.c.
 */
#ifndef V2M_STORE_DIR_INDEX_H
#define V2M_STORE_DIR_INDEX_H

#include "base/db.h"
#include "store/store.h"

struct v2m_dir_index {
	struct v2m_db *db;
	char *select;		/* "SELECT id, rev, ... FROM record" */
	char *insert, *update;
};

/* Make the file and its tables, add the columns that an older v2m did not
 * know. */
int v2m_dir_index_init(const char *path, struct v2m_err *err);

/* V2M_CONFIG, "run v2m-init", where it is not there or not complete.  On
 * failure ix is closed. */
int v2m_dir_index_open(struct v2m_dir_index *ix, const char *path,
    struct v2m_err *err);
/* Is it still what was opened?  V2M_CONFIG where a newer v2m changed it. */
int v2m_dir_index_ready(struct v2m_dir_index *ix, struct v2m_err *err);
void v2m_dir_index_close(struct v2m_dir_index *ix);

/* 1; 0 where the ID is taken; -1. */
int v2m_dir_index_add(struct v2m_dir_index *ix, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* 1 with *object, unless NULL, filled; 0 where there is none; -1. */
int v2m_dir_index_find(struct v2m_dir_index *ix, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err);

/* Of an object with the same bytes under an older fence: put this fence and
 * created_at on it.  1, 0, -1. */
int v2m_dir_index_adopt(struct v2m_dir_index *ix, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* Drop it if its fence is this one.  1, 0, -1. */
int v2m_dir_index_drop_fenced(struct v2m_dir_index *ix, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_dir_index_drop(struct v2m_dir_index *ix, enum v2m_kind kind,
    const char *id, struct v2m_err *err);
int v2m_dir_index_objects(struct v2m_dir_index *ix, enum v2m_kind kind,
    const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* --- records: dir_records.c --- */

/* Add the columns of v2m_record_fields that the table has not, and the
 * indexes. */
int v2m_dir_records_init(struct v2m_db *db, struct v2m_err *err);

/* See that all columns are there, and compose the statements. */
int v2m_dir_records_open(struct v2m_dir_index *ix, struct v2m_err *err);

int v2m_dir_records_get(struct v2m_dir_index *ix, const char *id,
    struct v2m_record *r, struct v2m_err *err);
int v2m_dir_records_get_by_mp3(struct v2m_dir_index *ix, const char *mp3,
    struct v2m_record *r, struct v2m_err *err);
int v2m_dir_records_insert(struct v2m_dir_index *ix,
    const struct v2m_record *r, struct v2m_err *err);
int v2m_dir_records_put(struct v2m_dir_index *ix, const struct v2m_record *r,
    int64_t old_rev, struct v2m_err *err);
int v2m_dir_records_forget(struct v2m_dir_index *ix, const char *id,
    struct v2m_err *err);
int v2m_dir_records_list(struct v2m_dir_index *ix,
    const struct v2m_filter *filter, struct v2m_page *page,
    struct v2m_err *err);
int v2m_dir_records_census(struct v2m_dir_index *ix,
    struct v2m_census *census, struct v2m_err *err);
int v2m_dir_records_usage(struct v2m_dir_index *ix, const char *owner,
    const char *const *skip, size_t n, struct v2m_usage *usage,
    struct v2m_err *err);

#endif
