/* sqlite.h - what the files of the sqlite driver of records share.
 *
 * A row in the table record is the record of a job, those in the table note
 * are documents.  They are in FOLDER/index.db of dir:FOLDER, where the dir
 * driver of objects may have tables of its own, and triggers on these two
 * (dir_wanted.c).  Private to the driver; the rules are records.h's.
 *
 * Files: sqlite.c (opening, the table of functions), sqlite_records.c,
 * sqlite_documents.c, sqlite_reserve.c (room for removals).
 */
#ifndef V2M_STORE_SQLITE_H
#define V2M_STORE_SQLITE_H

#include "base/db.h"
#include "store/records.h"

#define V2M_SQLITE_PATH 4096
#define V2M_SQLITE_FILE "index.db"

struct v2m_sqlite {
	char root[V2M_SQLITE_PATH];	/* the folder */
	struct v2m_db *db;
	char *select;		/* "SELECT id, rev, ... FROM record" */
	char *insert;
};

/* FOLDER of dir:FOLDER, the URL of key; NULL: V2M_CONFIG. */
const char *v2m_sqlite_folder(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err);

/* --- sqlite_records.c --- */

/* Add the columns of v2m_record_fields that the table has not, and the
 * indexes. */
int v2m_sqlite_records_init(struct v2m_db *db, struct v2m_err *err);

/* See that all columns are there, and compose the statements. */
int v2m_sqlite_records_open(struct v2m_sqlite *q, struct v2m_err *err);

/* As in struct v2m_records_ops, but put. */
int v2m_sqlite_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_put(struct v2m_sqlite *q, const struct v2m_record *r,
    int64_t old_rev, struct v2m_err *err);
int v2m_sqlite_forget(void *self, const char *id, struct v2m_err *err);
int v2m_sqlite_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err);
int v2m_sqlite_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err);
int v2m_sqlite_next_fresh(void *self, const char *after,
    struct v2m_record *r, struct v2m_err *err);
int v2m_sqlite_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);
int v2m_sqlite_census(void *self, struct v2m_census *census,
    struct v2m_err *err);
int v2m_sqlite_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err);

/* --- sqlite_documents.c: as in struct v2m_records_ops --- */

int v2m_sqlite_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err);
int v2m_sqlite_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err);
int v2m_sqlite_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err);
int v2m_sqlite_document_list(void *self, const char *kind,
    int64_t until_before, const char *after, int limit,
    struct v2m_document **list, size_t *n, struct v2m_err *err);

/* --- sqlite_reserve.c --- */

/* Make the reserve, where it is missing and there is twice as much room as
 * uploads and conversions leave. */
void v2m_sqlite_reserve_keep(void *self, int64_t free_reserve);

/* v2m_sqlite_put(); on a full disk, a record that makes room takes the reserve
 * for it, and *full becomes true. */
int v2m_sqlite_reserve_put(void *self, const struct v2m_record *r,
    int64_t old_rev, bool *full, struct v2m_err *err);

#endif
