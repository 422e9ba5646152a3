/* announce.h - telling the next station of the flow about a job. */
#ifndef V2M_FLOW_ANNOUNCE_H
#define V2M_FLOW_ANNOUNCE_H

#include "base/err.h"
#include "flow/services.h"

/* Publish a job for the workers.  */
int v2m_announce_video(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

/* Publish the end of a job, once: done goes to the queue of MP3s, failed to
 * our own queue of notices; then the record says so.  base: the body that the
 * job came with, or NULL.  Nothing happens where it was announced before. */
int v2m_announce_end(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_message *base, struct v2m_err *err);

#endif
