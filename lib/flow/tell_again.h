/* tell_again.h - sends notifications again that failed, or may not have
 * arrived.
 *
 * The record says again that a notice is to be sent, and the end of the job is
 * published again: so any notifier can send it, even if this process dies.  The
 * Message-ID stays the same.
 */
#ifndef V2M_FLOW_TELL_AGAIN_H
#define V2M_FLOW_TELL_AGAIN_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/job.h"
#include "flow/loop.h"

/* Which ones; zeroed: all that failed. */
struct v2m_untold_filter {
	int64_t since;		/* first tried after this, wall ms; 0: any */
	const char *reason;	/* the reason contains it; NULL: any */
	bool maybe;		/* also those that may not have arrived */
	const char *after;	/* IDs behind this one; NULL: all */
};

/* Call each for these.  useless: why sending it again would not help; NULL: it
 * may help.  each returns 0 to go on.  -1: a service is away. */
int v2m_tell_again_select(struct v2m_services *s,
    const struct v2m_untold_filter *filter, int (*each)(void *arg,
    const struct v2m_record *r, const char *useless), void *arg,
    struct v2m_err *err);

/* Have a notifier send one again; force: even if it was sent.  hint is added to
 * the message "it was sent": what the user can do then.  One that still waits
 * to be sent is left as it is: 0.  V2M_FAILED: it was sent, or no notice is to
 * be sent.  V2M_NOINPUT: no such job, it was removed, or its MP3 is gone.
 * V2M_TEMP: the job has not ended, or a service is away. */
int v2m_tell_again(struct v2m_services *s, const char *id, bool force,
    const char *hint, struct v2m_err *err);

struct v2m_tell_again {
	bool force;			/* also what was sent */
	const char *hint;		/* as of v2m_tell_again() */
	char begun[V2M_ID_SIZE];	/* private: the job at hand */
};

/* A v2m_step for named jobs, in one thread only; loop->arg is a struct
 * v2m_tell_again. */
void v2m_tell_again_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

#endif
