/* foreign.h - jobs that services of an existing deployment began or finished.
 *
 * A foreign gateway stores a video and publishes a message, but writes no
 * record; a foreign converter stores an MP3 and publishes to the next queue.
 * For both, the record is written that our own program would have written.  If
 * several processes try at once, one wins, as the ID of a record is unique.
 */
#ifndef V2M_FLOW_FOREIGN_H
#define V2M_FLOW_FOREIGN_H

#include "base/err.h"
#include "flow/job_message.h"
#include "flow/services.h"

/* A message names a video without a record: give it one, queued, owned by the
 * message's username.  Returns 1 where there is a record now, 0 where there
 * is no such video, -1. */
int v2m_foreign_video(struct v2m_services *s,
    const struct v2m_job_message *message, struct v2m_err *err);

/* A message names an MP3 that the record, if there is one, does not know:
 * make the record done with it, unless one of our own workers has the job or
 * it is over.  Returns 1 where the record is done now, 0 where there was
 * nothing to do or no such MP3, -1. */
int v2m_foreign_mp3(struct v2m_services *s,
    const struct v2m_job_message *message, struct v2m_err *err);

#endif
