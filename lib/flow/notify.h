/* notify.h - the notifier's step: tell a job's owner how it ended, once.
 *
 * Claim the notification; compose; see that the claim still holds; send;
 * record. After the other side's yes only the recording is repeated, never the
 * sending.  A notification whose fate is not known (the notifier died, the line
 * broke at the wrong moment) is repeated once, with the same Message-ID, and
 * then counts as "sent?".
 */
#ifndef V2M_FLOW_NOTIFY_H
#define V2M_FLOW_NOTIFY_H

#include "flow/loop.h"

/* A v2m_step; loop->arg is nothing. */
void v2m_notify_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

#endif
