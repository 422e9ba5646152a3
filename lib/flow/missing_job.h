/* missing_job.h - what to do with a message whose record cannot be read: the
 * store is away, or has no record of this ID. */
#ifndef V2M_FLOW_MISSING_JOB_H
#define V2M_FLOW_MISSING_JOB_H

#include "flow/loop.h"

/* outcome->err says why the record could not be read.  If the store is away or
 * has moved, the message is delayed.  An unknown ID is looked for three times
 * in a minute, because a foreign writer may be slow; then the verdict is
 * V2M_NO_JOB.  The same if the object is damaged. */
void v2m_missing_job(const struct v2m_services *s, const struct v2m_task *task,
    struct v2m_outcome *outcome);

#endif
