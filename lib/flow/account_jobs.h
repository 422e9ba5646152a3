/* account_jobs.h - what becomes of the jobs of an account that is added or
 * removed.
 *
 * A job belongs to an e-mail address: whoever has the account with this address
 * has its jobs.  All functions can be repeated, and interrupted at any time.
 */
#ifndef V2M_FLOW_ACCOUNT_JOBS_H
#define V2M_FLOW_ACCOUNT_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

/* Is there still something in it for its owner?  Not in a cancelled job, and
 * not in one whose MP3 was pruned. */
bool v2m_account_has(const struct v2m_record *r);

/* How many such jobs there are. */
int v2m_account_jobs(struct v2m_services *s, const char *owner, int64_t *n,
    struct v2m_err *err);

/* Send no notice of these jobs any more. */
int v2m_account_silence(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Note that the jobs that exist now stay without an account on purpose, so that
 * v2m-check does not report them. */
int v2m_account_keep(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Remove that note. */
int v2m_account_forget(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

/* Read that note: it holds for jobs that were made before *until (wall ms); 0:
 * there is no note. */
int v2m_account_kept(struct v2m_services *s, const char *owner,
    int64_t *until, struct v2m_err *err);

/* Remove the jobs, as their owner could do. */
int v2m_account_remove_jobs(struct v2m_services *s, const char *owner,
    struct v2m_err *err);

#endif
