/* convert.h - the worker's step: one job from its video to its MP3.
 *
 * Claim; convert in the media program; store the MP3 under an ID of its own;
 * commit; publish.  Whoever gets the message again skips what is recorded
 * and does what is missing, so a crash between any two of these is repaired by
 * the next delivery.  While the job runs its lease is renewed and its progress
 * noted; a lease that is lost, a job that was removed and a signal end it.
 * If several owners wait, flow/shares.h chooses whose job is next.
 */
#ifndef V2M_FLOW_CONVERT_H
#define V2M_FLOW_CONVERT_H

#include "flow/loop.h"
#include "flow/shares.h"
#include "media/media.h"

struct v2m_converter {
	struct v2m_media *media;	/* to work with */
	struct v2m_shares shares;	/* of all threads */
};

/* A v2m_step; loop->arg is a struct v2m_converter. */
void v2m_convert_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

#endif
