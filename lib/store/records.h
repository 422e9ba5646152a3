/* records.h - the records of jobs, and how they change.
 *
 * They change by compare-and-set on their revision and in no other way.
 * Documents (document.h) are kept beside them.  The driver of the key `store`
 * keeps both: sqlite (an index of SQLite in the folder of dir:), mongodb and
 * dynamodb.
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

/* Insert with rev 1, which is set in *r.  Returns 1; 0 where the ID has a
 * record already; -1. */
int v2m_store_insert(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Compare-and-set: replace the record if its revision is still r->rev, which
 * is then increased.  Returns 1; 0 where somebody changed it since (or it is
 * gone); -1, and then the outcome may be unknown. */
int v2m_store_put(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Delete a record, whatever its revision.  Missing is fine. */
int v2m_store_forget(struct v2m_store *s, const char *id, struct v2m_err *err);

/* Records that have ended, by what is still kept of them and since when. */
enum v2m_old {
	V2M_OLD_ANY,
	V2M_OLD_VIDEO,		/* done, with a video; since the end */
	V2M_OLD_FETCHED,	/* done, with an MP3; since it was fetched */
	V2M_OLD_UNFETCHED,	/* done, with one never fetched; the end */
	V2M_OLD_FAILED,		/* with a video or an MP3; the end */
	V2M_OLD_RECORD,		/* without an MP3, or removed; since the last
				 * that happened */
};

/* Which records, in the order of their IDs: by age, and where they are of the
 * same second, the same at every time. */
struct v2m_filter {
	const char *owner;		/* NULL: anybody's */
	int state;			/* -1: any */
	const char *sha256;		/* NULL: any */
	bool end_unpublished;		/* only where end_published_at is 0 */
	bool sending;			/* only those whose owner is told now,
					 * or was to be when a notifier died */
	int failure;			/* 0: any */
	enum v2m_old old;		/* of these, those since before_ms or */
	int64_t before_ms;		/* longer: all of them, maybe others */
	bool newest_first;		/* the other way round */
	bool claimed;			/* only those that a worker had once */
	/* Times are wall ms; 0 does not matter. */
	int64_t queued_before;		/* only with queued_at and due before */
	int64_t due_after;		/* only with a due after it */
	bool untold;			/* only ends that were published and
					 * whose owner was not told yet, not
					 * those of pipes */
	int64_t untold_before;		/* of these only what was published, or
					 * to be tried again, before it, and
					 * was not published again */
	bool undelivered;		/* only with a notification that is
					 * failed or sent? */
	int64_t done_after;		/* only with a done_at after it */
	int64_t notify_due_after;	/* only with a notify_due after it */
	bool oldest;			/* with queued_before by queued_at, else
					 * by done_at, and a limit of at most
					 * 100 */
	const char *after;		/* IDs behind this one; NULL: all */
	int limit;			/* at most so many; 0: no limit */
};

/* Call each for all that match, one after the other: a page of them is in
 * memory, however many there are, and nothing is locked, so that each may
 * change records.  0 goes on, another value of each ends it and is returned;
 * err is the store's own. */
int v2m_store_each(struct v2m_store *s, const struct v2m_filter *filter,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* The first owner of a record behind `after` ("": of all), in the order of
 * their bytes.  1, 0 none, -1. */
int v2m_store_next_owner(struct v2m_store *s, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);

/* The oldest record that is queued and that no worker ever claimed, of the
 * first owner behind `after`, in the order of their bytes.  1, 0 none, -1. */
int v2m_store_next_fresh(struct v2m_store *s, const char *after,
    struct v2m_record *r, struct v2m_err *err);

/* How many match; `after` and `limit` are not looked at. */
int v2m_store_count(struct v2m_store *s, const struct v2m_filter *filter,
    int64_t *n, struct v2m_err *err);

/* What an owner's accepted jobs amount to: how many wait or run and, where
 * with_bytes, which looks at all of them, the bytes of their videos and MP3s,
 * as far as these are kept; else 0.  Those of the n IDs in skip, and uploads
 * that have not ended, do not count. */
struct v2m_usage {
	int64_t bytes, jobs;
};

int v2m_store_usage(struct v2m_store *s, const char *owner,
    const char *const *skip, size_t n, bool with_bytes,
    struct v2m_usage *usage, struct v2m_err *err);

/* How many records there are of each state, and what they amount to.  Reads all
 * of them: for figures that are asked for now and then. */
struct v2m_census {
	struct {
		int64_t jobs;
		int64_t mp3_bytes, sound_ms;	/* of done ones */
		int64_t took_ms;	/* from upload to end, of ended ones */
		int64_t oldest_ms;	/* wall; 0: none, or they have ended */
	} states[V2M_JOB_STATES];
};

int v2m_store_census(struct v2m_store *s, struct v2m_census *census,
    struct v2m_err *err);

/* --- for drivers --- */

struct v2m_document;

/* key: the one whose URL names the place, "store"; KEY_ca_file and the like
 * are its companions. */
struct v2m_records_ops {
	int (*init)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, const char *key,
	    struct v2m_err *err);
	void (*close)(void *self);
	int (*ready)(void *self, struct v2m_err *err);	/* NULL: it is where it
					 * tells the time */
	int (*now)(void *self, int64_t *now_ms, struct v2m_err *err);

	/* Keep room for removals, where there is twice as much as
	 * free_reserve.  NULL: it needs none. */
	void (*keep_room)(void *self, int64_t free_reserve);

	int (*get)(void *self, const char *id, struct v2m_record *r,
	    struct v2m_err *err);
	int (*get_by_mp3)(void *self, const char *mp3, struct v2m_record *r,
	    struct v2m_err *err);
	int (*insert)(void *self, const struct v2m_record *r,
	    struct v2m_err *err);
	/* *full, which is false, becomes true where it went in only because
	 * room was kept for it. */
	int (*put)(void *self, const struct v2m_record *r, int64_t old_rev,
	    bool *full, struct v2m_err *err);
	int (*forget)(void *self, const char *id, struct v2m_err *err);
	/* Append the first filter->limit, which is not 0, to the empty page.
	 * On failure it does not matter what is in it. */
	int (*list)(void *self, const struct v2m_filter *filter,
	    struct v2m_page *page, struct v2m_err *err);
	int (*next_owner)(void *self, const char *after,
	    char owner[V2M_EMAIL_MAX], struct v2m_err *err);
	int (*next_fresh)(void *self, const char *after, struct v2m_record *r,
	    struct v2m_err *err);
	int (*count)(void *self, const struct v2m_filter *filter, int64_t *n,
	    struct v2m_err *err);
	int (*usage)(void *self, const char *owner, const char *const *skip,
	    size_t n, bool with_bytes, struct v2m_usage *usage,
	    struct v2m_err *err);

	/* All but oldest_ms; census is all zero. */
	int (*census)(void *self, struct v2m_census *census,
	    struct v2m_err *err);

	/* Documents, see document.h.  old_rev 0: there is none yet. */
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
