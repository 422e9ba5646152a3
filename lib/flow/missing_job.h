/* missing_job.h - a step that could not begin: the store is away, or does not
 * know the ID that a message names. */
#ifndef V2M_FLOW_MISSING_JOB_H
#define V2M_FLOW_MISSING_JOB_H

#include "flow/loop.h"

/* outcome->err says why the record could not be had.  A store that is away
 * delays the message; an unknown ID is looked for three times over a minute,
 * because a foreign writer may be slow, then its message is no job.  So is one
 * whose object is no whole one. */
void v2m_missing_job(const struct v2m_services *s, const struct v2m_task *task,
    struct v2m_outcome *outcome);

#endif
