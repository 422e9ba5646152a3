/* publish.h - messages about a job to whoever does the next step. */
#ifndef V2M_FLOW_PUBLISH_H
#define V2M_FLOW_PUBLISH_H

#include "base/err.h"
#include "flow/services.h"

/* Queue a job for the workers. */
int v2m_publish_job(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

/* A sweeper's: the message of a job that is queued, or whose worker died, once
 * more, unless the record changed since *r was read.  Where it cannot be
 * published the record is as it was.  1; 0 it changed; -1. */
int v2m_publish_job_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* Publish the end of a job, once: done goes to the queue of MP3s, failed to
 * our own queue of notifications; then the record says so.  base: the body that
 * the job came with, or NULL.  Nothing happens where it was published
 * before, or a sweeper is at it.  For whoever ended the job, or has its
 * message: that is one. */
int v2m_publish_end(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err);

/* A sweeper's: publish an end that was never published, or one that was once
 * more, unless the record changed since *r was read, or another is at it; the
 * record keeps when that was.  Where it cannot be published, anybody may try as
 * if nobody had.  1; 0; -1. */
int v2m_publish_end_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* Publish the end of a job whose notification v2m_job_notify_again() began
 * anew, which has written that it is announced. */
int v2m_publish_end_anew(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

#endif
