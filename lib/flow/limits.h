/* limits.h - how much one owner may have.
 *
 * The keys are max_user_bytes, max_user_jobs and max_user_unfinished.  A limit
 * holds if its key is set.  The defaults hold in a store that noted them when
 * it was set up (v2m_limits_init()); a store of an older v2m has no limits
 * until the keys are set.  An administrator may exempt an account from all
 * limits.  Both is noted in documents of the store.
 */
#ifndef V2M_FLOW_LIMITS_H
#define V2M_FLOW_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

struct v2m_limits {
	int64_t bytes, jobs, unfinished;	/* 0: none */
};

/* Note in the store that the defaults hold, if it has not been used yet.  For
 * v2m-init, before v2m_announce_init(). */
int v2m_limits_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Do the defaults hold in this store?  1, 0, -1. */
int v2m_limits_hold(struct v2m_services *s, struct v2m_err *err);

/* The limits of one owner. */
int v2m_limits_of(struct v2m_services *s, const char *owner,
    struct v2m_limits *limits, struct v2m_err *err);

/* Is the owner exempt from limits?  1, 0, -1. */
int v2m_limits_freed(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Exempt the owner from limits, or (freed false) end that. */
int v2m_limits_free(struct v2m_services *s, const char *owner, bool freed,
    struct v2m_err *err);

#endif
