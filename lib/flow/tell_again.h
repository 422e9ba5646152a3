/* tell_again.h - notifications that failed, or may not have arrived, once more.
 *
 * The record begins anew, and the end is published again, so that some notifier
 * sends it whatever becomes of who asked; the Message-ID is the same.
 */
#ifndef V2M_FLOW_TELL_AGAIN_H
#define V2M_FLOW_TELL_AGAIN_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/job.h"
#include "flow/loop.h"

/* Of failed ones, only some. */
struct v2m_untold_filter {
	int64_t since;		/* tried first after it, wall ms; 0: any */
	const char *reason;	/* in whose reason this stands; NULL: any */
};

/* Call each for the failed ones, with why it would be of no use to send it
 * again (NULL: it may be); 0 goes on.  -1: a service is away. */
int v2m_tell_again_select(struct v2m_services *s,
    const struct v2m_untold_filter *filter, int (*each)(void *arg,
    const struct v2m_record *r, const char *useless), void *arg,
    struct v2m_err *err);

struct v2m_tell_again {
	bool force;			/* also what was sent */
	char begun[V2M_ID_SIZE];	/* its own: the job at hand */
};

/* A v2m_step for named jobs, of one thread; loop->arg is a struct
 * v2m_tell_again. */
void v2m_tell_again_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

#endif
