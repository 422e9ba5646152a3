/* shares.h - whose job runs next, where several owners wait.
 *
 * Messages come in the order in which they were put in, so that the one job of
 * somebody would wait for the three hundred of another.  Where the owner of the
 * next message has his share running already, a job of somebody else's who has
 * less goes before it: the oldest one that no worker claimed yet, of one owner
 * after the other.  A share is max_user_running, else half of all that run,
 * the next counted; where one runs at a time, owners take turns.  So no free
 * slot ever waits for anybody.
 *
 * Jobs that were tried before, and those of a video that a foreign gateway
 * stored, wait for their own messages, which may have members that must be
 * kept.
 */
#ifndef V2M_FLOW_SHARES_H
#define V2M_FLOW_SHARES_H

#include <pthread.h>

#include "flow/services.h"
#include "store/record.h"

/* Of one process.  Zeroed but for the mutex, which is initialised by its owner
 * and held by the caller from a choice until that job is claimed, so that the
 * next choice counts it. */
struct v2m_shares {
	pthread_mutex_t lock;
	char last[V2M_EMAIL_MAX];	/* whose job was begun last */
	char turn[V2M_EMAIL_MAX];	/* who went before others last */
};

/* Is there a job that goes before this one?  1 that is *other; 0; -1. */
int v2m_shares_other(struct v2m_shares *shares, struct v2m_services *s,
    const char *id, struct v2m_record *other, struct v2m_err *err);

/* This job of the owner begins. */
void v2m_shares_began(struct v2m_shares *shares, const struct v2m_record *r);

#endif
