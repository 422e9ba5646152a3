/* convert_private.h - the worker's step, for its own files: convert.c chooses
 * and claims a job, convert_run.c runs it, convert_end.c ends it. */
#ifndef V2M_FLOW_CONVERT_PRIVATE_H
#define V2M_FLOW_CONVERT_PRIVATE_H

#include "flow/convert.h"

/* convert_run.c: run a job that was just claimed, and settle it. */
void v2m_convert_run(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_record *r,
    struct v2m_outcome *o);

/* convert_end.c: publish that the job has ended; after that its message can be
 * acknowledged. */
void v2m_convert_conclude(struct v2m_services *s, const struct v2m_task *task,
    struct v2m_record *r, struct v2m_outcome *o);

/* The job has failed for good: count it, and log it.  The loop reports one that
 * was named by its ID. */
void v2m_convert_log_failed(const struct v2m_task *task,
    const struct v2m_record *r);

/* The message comes again, after delay_ms (less than 0: at once). */
void v2m_convert_again(struct v2m_outcome *o, int64_t delay_ms);

#endif
