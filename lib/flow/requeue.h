/* requeue.h - queue again what failed or was lost, for administrators.
 *
 * All of it is safe at any time and safe to repeat: the record moves first, by
 * compare-and-set, and a second message does no harm.
 */
#ifndef V2M_FLOW_REQUEUE_H
#define V2M_FLOW_REQUEUE_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/services.h"

/* Which jobs: those that failed for good; those that nobody works on, because
 * their message is lost or their worker died, and those of whose end nobody was
 * told, because that was not announced or the message is lost. */
enum { V2M_STUCK_FAILED = 1, V2M_STUCK_LOST = 2 };

/* Of failed ones, only some. */
struct v2m_requeue_filter {
	const char *reason;	/* in whose reason this text stands, in
				 * capitals or not; NULL: any */
	int status;		/* that failed with it; 0: any */
};

/* Call each, which returns 0 to go on, for these.  each may change the
 * jobs. */
int v2m_requeue_select(struct v2m_services *s, unsigned which,
    const struct v2m_requeue_filter *filter,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Queue one: failed ones start anew, held and queued ones are published,
 * an end that was never published is; with again, done ones start anew as well.
 * A job that a worker has is left to it, which is fine.  V2M_FAILED: it is
 * done.  V2M_NOINPUT: no such job, or no video of it.  V2M_TEMP: try again, it
 * is recorded or it is as it was; or its upload has not ended. */
int v2m_requeue(struct v2m_services *s, const char *id, bool again,
    struct v2m_err *err);

/* The same for one that was selected as lost: an end is announced, or announced
 * again, and nothing starts anew. */
int v2m_requeue_lost(struct v2m_services *s, const char *id,
    struct v2m_err *err);

/* Remove one that is not done: it goes with its video, as
 * v2m-remove(1) does it.  V2M_FAILED: it is done. */
int v2m_requeue_drop(struct v2m_services *s, const char *id,
    struct v2m_err *err);

#endif
