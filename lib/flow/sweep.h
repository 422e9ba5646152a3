/* sweep.h - finds jobs that nobody works on, because their message was lost or
 * their worker died, and publishes them again.
 *
 * Workers sweep when they start, and then every sweep_interval.  They publish
 * again: running jobs whose lease ran out; queued jobs whose message must be
 * lost (line.h); ends of jobs that were never published, or whose owner was not
 * told (announce.h).  The oldest come first, at most a hundred in a sweep.
 * Notifiers sweep for the last kind only.  Jobs of a pipe are left alone.
 */
#ifndef V2M_FLOW_SWEEP_H
#define V2M_FLOW_SWEEP_H

#include "base/err.h"
#include "flow/loop.h"
#include "flow/services.h"

typedef int v2m_sweeper(struct v2m_services *s, unsigned *found,
    struct v2m_err *err);

/* Sweep, if *next (monotonic ms) has come, and set *next to the next time.  To
 * be called often while a loop runs.  Trouble is logged. */
void v2m_sweep_turn(const struct v2m_loop *loop, v2m_sweeper *sweeper,
    int64_t *next);

/* Sweep once.  *found is how many jobs were published again.  -1: a service is
 * away. */
int v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err);

/* The sweep of a notifier: only jobs whose owner was not told. */
int v2m_sweep_notices(struct v2m_services *s, unsigned *found,
    struct v2m_err *err);

/* Call each for the jobs that a sweep would publish again, without those of
 * announce.h.  It returns 0 to go on.  Nothing is changed. */
int v2m_sweep_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

#endif
