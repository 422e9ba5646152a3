/* prune.h - removing what was kept long enough, and what nobody will use.
 *
 * What the keys keep_videos, keep_fetched, keep_unfetched, keep_failed and
 * keep_records say; uploads in parts that nobody went on with for
 * upload_expires; and, after a day, uploads that never ended, videos and MP3s
 * that no record knows or names, and what writers that died left.
 * What has to be looked at for that, the store finds by indexes, as far as its
 * drivers have them.
 * The record changes first, then the bytes go, so that no record names bytes
 * that are gone; after a crash between the two the next run goes on.  Any
 * number may run at once.
 */
#ifndef V2M_FLOW_PRUNE_H
#define V2M_FLOW_PRUNE_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/services.h"

/* Why something goes. */
enum v2m_prune_why {
	V2M_PRUNE_STAYS,
	V2M_PRUNE_KEEP_VIDEOS,		/* these five: the time is over that */
	V2M_PRUNE_KEEP_FETCHED,		/* the key says */
	V2M_PRUNE_KEEP_UNFETCHED,
	V2M_PRUNE_KEEP_FAILED,
	V2M_PRUNE_KEEP_RECORDS,
	V2M_PRUNE_REMOVED,		/* by its owner */
	V2M_PRUNE_NO_MP3,
	V2M_PRUNE_WAS_PRUNED,
	V2M_PRUNE_UNKNOWN,
	V2M_PRUNE_UNNAMED,
	V2M_PRUNE_FOREIGN,
	V2M_PRUNE_NEVER_ENDED,
	V2M_PRUNE_NOT_CONTINUED,
	V2M_PRUNE_WRITER_DIED,
};

/* For people and JSON: "keep_videos", "no record knows it". */
const char *v2m_prune_word(enum v2m_prune_why why);

/* Is it well, and only its time over? */
bool v2m_prune_is_kept_time(enum v2m_prune_why why);

struct v2m_prune {
	bool dry;		/* report, remove nothing */
	bool full;		/* look at all that is stored, not only at
				 * what an index of the store tells may go */
	bool indexed;		/* look at nothing but that */
	bool foreign;		/* other programs' videos and MP3s without a
				 * record, too, once as old as keep_videos and
				 * keep_unfetched say */
	/* Called for each: the ID (of a "file" its name), "video", "mp3",
	 * "record", "part" or "file", and why. */
	void (*found)(void *arg, const char *id, const char *what,
	    enum v2m_prune_why why);
	/* One could not be removed; the others are. */
	void (*failed)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
};

/* Prune once, less when a signal comes (base/stop.h).  -1: the store is away
 * or cannot be read. */
int v2m_prune(struct v2m_services *s, const struct v2m_prune *p,
    struct v2m_err *err);

#endif
