/* records.h - the records of jobs, and how they change.
 *
 * A record changes only by compare-and-set on its revision.
 * The driver that the key `store` selects keeps records and documents
 * (document.h): sqlite (a file in the folder of dir:), mongodb or dynamodb.
 *
 * Common errors: those of store.h.
 */
#ifndef V2M_STORE_RECORDS_H
#define V2M_STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "store/page.h"
#include "store/record.h"

struct v2m_store;

/* V2M_NOINPUT: there is none. */
int v2m_store_get(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err);

/* The record whose mp3 this is. */
int v2m_store_get_by_mp3(struct v2m_store *s, const char *mp3,
    struct v2m_record *r, struct v2m_err *err);

/* Insert with rev 1, which is set in *r.  1; 0: the ID has a record already;
 * -1. */
int v2m_store_insert(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Compare-and-set: replace the record if its revision is still r->rev, and
 * increase r->rev.  1; 0: it was changed or removed meanwhile; -1: it may have
 * been replaced or not. */
int v2m_store_put(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Delete a record with any revision.  A missing one is not an error. */
int v2m_store_forget(struct v2m_store *s, const char *id, struct v2m_err *err);

/* Jobs that have ended, by what is still stored of them.  Each has a time from
 * which its age counts. */
enum v2m_old {
	V2M_OLD_ANY,
	V2M_OLD_VIDEO,		/* done, with a video: from the end */
	V2M_OLD_FETCHED,	/* done, with an MP3: from its fetching */
	V2M_OLD_UNFETCHED,	/* done, MP3 never fetched: from the end */
	V2M_OLD_FAILED,		/* with a video or an MP3: from the end */
	V2M_OLD_RECORD,		/* without an MP3, or removed: from the last
				 * event */
};

/* Which records.  They come in the order of their IDs, the oldest first; the
 * order never changes. */
struct v2m_filter {
	const char *owner;		/* NULL: anybody's */
	int state;			/* -1: any */
	const char *sha256;		/* NULL: any */
	bool end_unpublished;		/* only where end_published_at is 0 */
	bool sending;			/* only those that a notifier works on,
					 * or did when it died */
	int failure;			/* 0: any */
	enum v2m_old old;		/* unless ANY: only such jobs, */
	int64_t before_ms;		/* aged before it; younger ones may
					 * come too */
	bool newest_first;		/* in descending order */
	bool claimed;			/* only those that a worker ever had */
	/* Times are wall ms; 0: no condition. */
	int64_t queued_before;		/* only queued_at and due before it */
	int64_t due_after;		/* only with a due after it */
	bool untold;			/* only published ends whose owner is
					 * not notified yet; not those of
					 * pipes */
	int64_t untold_before;		/* of these, only those published, or
					 * due again, before it, and not
					 * published a second time */
	bool undelivered;		/* only with a notification that is
					 * failed or sent? */
	int64_t done_after;		/* only with a done_at after it */
	int64_t notify_due_after;	/* only with a notify_due after it */
	bool oldest;			/* order by queued_at if queued_before
					 * is set, else by done_at; limit must
					 * be 1 to 100 */
	const char *after;		/* only IDs after this one; NULL: all */
	int limit;			/* 0: no limit */
};

/* Call each for all that match.  They are read in pages, so memory does not
 * grow with their number; nothing is locked, so each may change records.  If
 * each returns 0 it goes on; another value ends it and is returned.  err has
 * only errors of the store. */
int v2m_store_each(struct v2m_store *s, const struct v2m_filter *filter,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Has it any job?  1, 0, -1. */
int v2m_store_is_used(struct v2m_store *s, struct v2m_err *err);

/* The first owner of a record after `after` ("": of all), in byte order.  1; 0:
 * none; -1. */
int v2m_store_next_owner(struct v2m_store *s, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);

/* Take the first owner after `after`, in byte order, with a queued job that no
 * worker ever claimed; of these jobs the oldest.  1; 0: none; -1. */
int v2m_store_next_fresh(struct v2m_store *s, const char *after,
    struct v2m_record *r, struct v2m_err *err);

/* The number of records that match; `after` and `limit` are ignored. */
int v2m_store_count(struct v2m_store *s, const struct v2m_filter *filter,
    int64_t *n, struct v2m_err *err);

/* The number of records in each state from held to failed; the others are 0.
 * owner: NULL for all. */
int v2m_store_count_states(struct v2m_store *s, const char *owner,
    int64_t counts[V2M_JOB_STATES], struct v2m_err *err);

/* What an owner's accepted jobs use.  jobs: how many wait or run.  bytes: of
 * their stored videos and MP3s; only with with_bytes, else 0, as it takes
 * longer.  The n IDs in skip, and uploads that have not ended, do not count. */
struct v2m_usage {
	int64_t bytes, jobs;
};

int v2m_store_usage(struct v2m_store *s, const char *owner,
    const char *const *skip, size_t n, bool with_bytes,
    struct v2m_usage *usage, struct v2m_err *err);

/* Number and sums of the records in each state.  It reads all records: not for
 * what is asked often. */
struct v2m_census {
	struct {
		int64_t jobs;
		int64_t mp3_bytes, sound_ms;	/* of done jobs */
		int64_t took_ms;	/* from upload to end, of ended jobs */
		int64_t oldest_ms;	/* wall; 0: none, or ended jobs */
	} states[V2M_JOB_STATES];
};

int v2m_store_census(struct v2m_store *s, struct v2m_census *census,
    struct v2m_err *err);

/* --- for drivers --- */

struct v2m_document;

/* key: the configuration key with the URL, "store"; other keys are derived from
 * it, such as KEY_ca_file. */
struct v2m_records_ops {
	int (*init)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	void (*close)(void *self);
	int (*ready)(void *self, struct v2m_err *err);	/* NULL: ready if now()
					 * succeeds */
	int (*now)(void *self, int64_t *now_ms, struct v2m_err *err);

	/* Reserve space for removals, if twice free_reserve is free.  NULL: it
	 * needs none. */
	void (*keep_room)(void *self, int64_t free_reserve);

	int (*get)(void *self, const char *id, struct v2m_record *r,
	    struct v2m_err *err);
	int (*get_by_mp3)(void *self, const char *mp3, struct v2m_record *r,
	    struct v2m_err *err);
	int (*insert)(void *self, const struct v2m_record *r,
	    struct v2m_err *err);
	/* *full is false before; it becomes true if only the reserved space
	 * made the change possible. */
	int (*put)(void *self, const struct v2m_record *r, int64_t old_rev,
	    bool *full, struct v2m_err *err);
	int (*forget)(void *self, const char *id, struct v2m_err *err);
	/* Append the first filter->limit records (never 0) to the empty page.
	 * After an error the page is not used. */
	int (*list)(void *self, const struct v2m_filter *filter,
	    struct v2m_page *page, struct v2m_err *err);
	int (*next_owner)(void *self, const char *after,
	    char owner[V2M_EMAIL_MAX], struct v2m_err *err);
	int (*next_fresh)(void *self, const char *after, struct v2m_record *r,
	    struct v2m_err *err);
	int (*count)(void *self, const struct v2m_filter *filter, int64_t *n,
	    struct v2m_err *err);
	/* counts is all zero; counts of other states are ignored.  NULL:
	 * count() is called for each state. */
	int (*count_states)(void *self, const char *owner,
	    int64_t counts[V2M_JOB_STATES], struct v2m_err *err);
	int (*usage)(void *self, const char *owner, const char *const *skip,
	    size_t n, bool with_bytes, struct v2m_usage *usage,
	    struct v2m_err *err);

	/* Fills all but oldest_ms; census is all zero before. */
	int (*census)(void *self, struct v2m_census *census,
	    struct v2m_err *err);

	/* Documents, see document.h.  old_rev 0: a new one. */
	int (*document_get)(void *self, const char *kind, const char *key,
	    struct v2m_document *n, struct v2m_err *err);
	int (*document_put)(void *self, const struct v2m_document *n, int64_t
	    old_rev, struct v2m_err *err);
	int (*document_drop)(void *self, const char *kind, const char *key,
	    int64_t rev, struct v2m_err *err);
	int (*document_list)(void *self, const char *kind, int64_t until_before,
	    const char *after, int limit, struct v2m_document **list, size_t *n,
	    struct v2m_err *err);
};

extern const struct v2m_records_ops v2m_records_sqlite;

#endif
