/* publish.h - puts messages about a job into the queue of the next step. */
#ifndef V2M_FLOW_PUBLISH_H
#define V2M_FLOW_PUBLISH_H

#include "base/err.h"
#include "flow/services.h"

/* Queue a job for the workers. */
int v2m_publish_job(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

/* For sweepers: publish the message of a job once more that is queued, or whose
 * worker died, unless the record changed since *r was read.  If publishing
 * fails, the record is as before.  1; 0: the record changed; -1. */
int v2m_publish_job_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* Publish that a job has ended: a done one to the queue of MP3s, a failed one
 * to our own queue of notifications; then note that in the record.  base: the
 * message that the job came with, or NULL.  Does nothing if it was published
 * before, or if a sweeper is doing it.  For the process that ended the job or
 * has its message, which is only one. */
int v2m_publish_end(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err);

/* For sweepers: publish the end of a job for the first time or once more, and
 * note the time in the record.  1; 0: the record changed since *r was read, or
 * another process is doing it; -1: publishing failed, and any process may try
 * again. */
int v2m_publish_end_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* Publish the end of a job after v2m_job_notify_again(), which has noted in the
 * record that it was published. */
int v2m_publish_end_anew(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

#endif
