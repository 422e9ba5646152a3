/* sweep.h - jobs that nobody works on: message lost, or worker dead.
 *
 * Workers sweep at their start and then every sweep_interval: leases that ran
 * out, ends that were never published, and queued jobs while the queue is empty
 * are published again.  Jobs that travel by a pipe are left alone.
 */
#ifndef V2M_FLOW_SWEEP_H
#define V2M_FLOW_SWEEP_H

#include "base/err.h"
#include "flow/services.h"

/* Sweep once.  *found is how many jobs were published again.  -1: a service is
 * away. */
int v2m_sweep(struct v2m_services *s, unsigned *found, struct v2m_err *err);

/* Call each, which returns 0 to go on, for the jobs that a sweep would publish
 * again; nothing is changed. */
int v2m_sweep_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Milliseconds to the next one: sweep_interval less a random part. */
int64_t v2m_sweep_pause_ms(const struct v2m_conf *conf);

#endif
