/* limits.h - how much one owner may have, by the configuration and the store.
 *
 * max_user_bytes, max_user_jobs and max_user_unfinished have defaults that are
 * generous for people and finite for programs.  Each holds where its key is
 * set, and in a store that this or a later v2m has set up; in an older one
 * there is no limit before.  An administrator may free an account of all of
 * them.  Both is noted in small documents of the store.
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

/* Note in the store that the defaults hold, where it has not been used yet.
 * For v2m-init, before v2m_announce_init(). */
int v2m_limits_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Do they hold in this store?  1, 0, -1. */
int v2m_limits_hold(struct v2m_services *s, struct v2m_err *err);

/* What one owner may have. */
int v2m_limits_of(struct v2m_services *s, const char *owner,
    struct v2m_limits *limits, struct v2m_err *err);

/* Is the owner free of limits?  1, 0, -1. */
int v2m_limits_freed(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Free the owner of them, or no more. */
int v2m_limits_free(struct v2m_services *s, const char *owner, bool freed,
    struct v2m_err *err);

#endif
