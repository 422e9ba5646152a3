/* prune.h - removes what was kept long enough, and what is of no use any more:
 *
 * - what the keys keep_videos, keep_fetched, keep_unfetched, keep_failed and
 *   keep_records say;
 * - resumable uploads that were not continued for upload_expires;
 * - after a day: uploads that never ended, videos and MP3s that belong to no
 *   record, and files of writers that died.
 *
 * The store finds these by indexes, as far as its drivers have them.  First the
 * record is changed, then the object is removed, so that no record names an
 * object that is gone; after a crash between the two, the next run removes it.
 * Several processes may prune at the same time.
 */
#ifndef V2M_FLOW_PRUNE_H
#define V2M_FLOW_PRUNE_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/prune_rules.h"
#include "flow/services.h"

struct v2m_prune {
	bool dry;		/* report, remove nothing */
	bool full;		/* look at every object, not only at those that
				 * an index of the store finds */
	bool indexed;		/* only use indexes: what has none is left */
	bool foreign;		/* also objects of other programs without a
				 * record, when they are as old as keep_videos
				 * and keep_unfetched say */
	/* Called for each: its ID (of a "file" the name), "video", "mp3",
	 * "record", "part" or "file", and why. */
	void (*found)(void *arg, const char *id, const char *what,
	    enum v2m_prune_why why);
	/* Called for each that could not be removed. */
	void (*failed)(void *arg, const char *id, const struct v2m_err *err);
	void *arg;
};

/* Prune once.  A signal ends it early (base/stop.h).  -1: the store is away or
 * cannot be read. */
int v2m_prune(struct v2m_services *s, const struct v2m_prune *p,
    struct v2m_err *err);

#endif
