/* requeue.h - queues jobs again that failed or were lost, for administrators.
 *
 * All of it is safe at any time and can be repeated: first the record changes,
 * by compare-and-set, and a second message does no harm.
 */
#ifndef V2M_FLOW_REQUEUE_H
#define V2M_FLOW_REQUEUE_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/services.h"

/* Which jobs.  FAILED: for good.  LOST: nobody works on it, because its message
 * was lost or its worker died; or it has ended, and its owner was not told,
 * because the message for the notifier was lost or never published. */
enum { V2M_STUCK_FAILED = 1, V2M_STUCK_LOST = 2 };

/* Only some of the failed jobs. */
struct v2m_requeue_filter {
	const char *reason;	/* the reason contains this text, whatever its
				 * case; NULL: any */
	int status;		/* the exit status it failed with; 0: any */
};

bool v2m_requeue_matches(const struct v2m_requeue_filter *filter,
    const struct v2m_record *r);

/* What happened to a job that was selected as lost: "its worker died". */
const char *v2m_requeue_lost_text(const struct v2m_record *r);

/* Call each for the selected jobs.  It returns 0 to go on, and may change the
 * jobs. */
int v2m_requeue_select(struct v2m_services *s, unsigned which,
    const struct v2m_requeue_filter *filter,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Queue one job: a failed one starts again, and so does, with again, a done
 * one; the message of a held or queued one is published; so is the end of a
 * job, if it never was.  A job that a worker has is left to it: 0.  hint is
 * added to the message "it is done": what the user can do then; or NULL.
 *
 * V2M_FAILED: it is done.  V2M_NOINPUT: no such job, or its video is gone.
 * V2M_TEMP: a service is away, try again; or its upload has not ended. */
int v2m_requeue(struct v2m_services *s, const char *id, bool again,
    const char *hint, struct v2m_err *err);

/* The same for a job that was selected as lost.  If it has ended, its end is
 * published, perhaps again; it is not converted again. */
int v2m_requeue_lost(struct v2m_services *s, const char *id,
    struct v2m_err *err);

/* Remove a job that is not done, with its video, as v2m-remove(1) does.  hint:
 * as above.  V2M_FAILED: it is done. */
int v2m_requeue_drop(struct v2m_services *s, const char *id,
    const char *hint, struct v2m_err *err);

#endif
