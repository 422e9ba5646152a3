/* sqlite.h - what the files of the sqlite driver of records share.
 *
 * A row in the table record is the record of a job, those in the table note
 * are documents.  They are in FOLDER/index.db of dir:FOLDER, where the dir
 * driver of objects may have tables of its own, and triggers on these two
 * (dir_wanted.c).  Private to the driver; records.h has the rules.
 *
 * Files: sqlite.c (opening, the table of functions), sqlite_schema.c (columns
 * and indexes), sqlite_records.c (one record), sqlite_lists.c (many),
 * sqlite_tally.c (counts and sums), sqlite_documents.c, sqlite_reserve.c (room
 * for removals).
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

/* FOLDER, if the key has the URL dir:FOLDER.  NULL: V2M_CONFIG. */
const char *v2m_sqlite_folder(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err);

/* --- sqlite_schema.c --- */

/* Add the missing columns of v2m_record_fields, the indexes, and the triggers
 * that count; everything is counted again. */
int v2m_sqlite_records_init(struct v2m_db *db, struct v2m_err *err);

/* Check that all columns are there, and compose the statements. */
int v2m_sqlite_records_open(struct v2m_sqlite *q, struct v2m_err *err);

/* --- sqlite_records.c --- */

/* Read a row of q->select. */
void v2m_sqlite_read_record(struct v2m_record *r, struct v2m_rows *rows);

/* As in struct v2m_records_ops, except put. */
int v2m_sqlite_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err);
int v2m_sqlite_put(struct v2m_sqlite *q, const struct v2m_record *r,
    int64_t old_rev, struct v2m_err *err);
int v2m_sqlite_forget(void *self, const char *id, struct v2m_err *err);
int v2m_sqlite_next_fresh(void *self, const char *after,
    struct v2m_record *r, struct v2m_err *err);
int v2m_sqlite_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);

/* --- sqlite_lists.c: as in struct v2m_records_ops --- */

int v2m_sqlite_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err);
int v2m_sqlite_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err);
int v2m_sqlite_census(void *self, struct v2m_census *census,
    struct v2m_err *err);

/* --- sqlite_tally.c --- */

/* In the caller's transaction: make the triggers that count, and count what is
 * there. */
int v2m_sqlite_tally_init(struct v2m_db *db, struct v2m_err *err);

/* The number of an owner's jobs in one state (-1: in all).  It reads counts, so
 * the time does not depend on their number. */
int v2m_sqlite_tally(struct v2m_sqlite *q, const char *owner, int state,
    int64_t *n, struct v2m_err *err);

/* As in struct v2m_records_ops. */
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

/* Make the reserve if it is missing and twice free_reserve is free. */
void v2m_sqlite_reserve_keep(void *self, int64_t free_reserve);

/* As v2m_sqlite_put().  On a full disk, a change that will free space uses the
 * reserve, and *full becomes true. */
int v2m_sqlite_reserve_put(void *self, const struct v2m_record *r,
    int64_t old_rev, bool *full, struct v2m_err *err);

#endif
