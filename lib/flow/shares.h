/* shares.h - fair scheduling: whose job runs next, if several owners wait.
 *
 * The queue gives out messages in order, so one job of one owner would wait for
 * the three hundred that another owner uploaded before.  Therefore: if the
 * owner of the next message has as many jobs running as their share, a job of
 * another owner, who has fewer running, goes first: the oldest one that no
 * worker has claimed yet.  The other owners take turns.  The share is
 * max_user_running, or else half of the running jobs, the next one included; if
 * only one job runs at a time, owners take turns.  No worker is ever idle
 * because of this.
 *
 * A job that was tried before, or whose video a foreign gateway stored, never
 * goes first: it waits for its own message, which may have members that must be
 * kept.
 */
#ifndef V2M_FLOW_SHARES_H
#define V2M_FLOW_SHARES_H

#include <pthread.h>

#include "flow/services.h"
#include "store/record.h"

/* One for a process.  Zeroed, apart from the mutex, which the owner of the
 * struct initialises.  The caller of the functions holds it from the choice of
 * a job until that job is claimed, so that the next choice counts it. */
struct v2m_shares {
	pthread_mutex_t lock;
	char last[V2M_EMAIL_MAX];	/* the owner of the last job begun */
	char turn[V2M_EMAIL_MAX];	/* the owner who went first last */
};

/* Is there a job that goes before this one?  1: it is *other; 0; -1. */
int v2m_shares_other(struct v2m_shares *shares, struct v2m_services *s,
    const char *id, struct v2m_record *other, struct v2m_err *err);

/* Note that this job begins to run. */
void v2m_shares_began(struct v2m_shares *shares, const struct v2m_record *r);

#endif
