/* sweep.h - jobs that nobody works on: message lost, or worker dead.
 *
 * Workers sweep at their start and then every sweep_interval: leases that ran
 * out, ends that were never published, and queued jobs whose message must be
 * lost (line.h) are published again, the oldest first, at most a hundred; so
 * are ends of which nobody was told (announce.h), which notifiers see to as
 * well.
 * Jobs that travel by a pipe are left alone.
 */
#ifndef V2M_FLOW_SWEEP_H
#define V2M_FLOW_SWEEP_H

#include "base/err.h"
#include "flow/loop.h"
#include "flow/services.h"

typedef int v2m_sweeper(struct v2m_services *s, unsigned *found,
    struct v2m_err *err);

/* A loop's idle time: sweep when it is time, at *next (monotonic ms), which
 * becomes the next one.  Trouble is logged, and tried again at the next turn.
 */
void v2m_sweep_turn(const struct v2m_loop *loop, v2m_sweeper *sweeper,
    int64_t *next);

/* Sweep once.  *found is how many jobs were published again.  -1: a service is
 * away. */
int v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err);

/* A notifier's: only ends of which nobody was told. */
int v2m_sweep_notices(struct v2m_services *s, unsigned *found,
    struct v2m_err *err);

/* Call each, which returns 0 to go on, for the jobs that a sweep would publish
 * again, ends that were published before left out; nothing is changed. */
int v2m_sweep_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

#endif
