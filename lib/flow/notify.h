/* notify.h - the notifier's step: tell a job's owner how it ended, once.
 *
 * Claim the notification; compose; check that the claim still holds; send;
 * record.  Once the mail server has accepted it, only the recording is
 * repeated, never the sending.  If it is not known whether it was accepted (the
 * notifier died, or the connection broke at the wrong moment), it is sent once
 * more, with the same Message-ID, and then counts as "sent?".
 */
#ifndef V2M_FLOW_NOTIFY_H
#define V2M_FLOW_NOTIFY_H

#include "flow/loop.h"

/* A v2m_step; loop->arg is not used. */
void v2m_notify_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

#endif
