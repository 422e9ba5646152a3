/* account_jobs.h - the jobs under an address whose account comes or goes.
 *
 * They are told by their owner's address alone: whoever has an account of it
 * has them.  Safe to repeat, and to interrupt.
 */
#ifndef V2M_FLOW_ACCOUNT_JOBS_H
#define V2M_FLOW_ACCOUNT_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

/* Has it anything that its owner could still want: not cancelled, and not
 * done with an MP3 that was pruned? */
bool v2m_account_has(const struct v2m_record *r);

/* How many such jobs there are. */
int v2m_account_jobs(struct v2m_services *s, const char *owner, int64_t *n,
    struct v2m_err *err);

/* Nobody is to be told any more how they end, or ended. */
int v2m_account_silence(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Those there are now stay on purpose: a check need not tell of them. */
int v2m_account_keep(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* No longer, for jobs of that address. */
int v2m_account_forget(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Jobs that were made before *until (wall ms) stay on purpose; 0: none does. */
int v2m_account_kept(struct v2m_services *s, const char *owner,
    int64_t *until, struct v2m_err *err);

/* Remove them, as their owner could. */
int v2m_account_remove_jobs(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

#endif
