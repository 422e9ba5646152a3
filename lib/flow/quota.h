/* quota.h - how much one owner may have: max_user_bytes, max_user_jobs.
 *
 * What was accepted is counted in the records (v2m_store_usage()), so that
 * there is nothing to drift or to rebuild, and what is removed or done gives
 * back by itself.  Uploads that have not ended are reservations in the owner's
 * ledger, a document that changes by compare-and-set: of many that come at once
 * exactly as many are accepted as there is room for.  A reservation that was
 * not released, after a crash, ends after its lease.
 *
 * Where neither key is set nothing is written.
 */
#ifndef V2M_FLOW_QUOTA_H
#define V2M_FLOW_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

#define V2M_QUOTA_DOCUMENT "quota"	/* of a document: a ledger */

enum v2m_quota_verdict {
	V2M_QUOTA_FINE,
	V2M_QUOTA_BYTES,	/* over max_user_bytes: V2M_DATA */
	V2M_QUOTA_JOBS,		/* over max_user_jobs: V2M_TEMP */
};

/* Reserve the bytes and a job for the upload `id`, for lease_ms.  *verdict
 * tells a refusal from other failures, which leave it V2M_QUOTA_FINE.
 * V2M_TEMP: the store is away, or too many uploads at a time. */
int v2m_quota_reserve(struct v2m_services *s, const char *owner,
    const char *id, int64_t bytes, int64_t lease_ms,
    enum v2m_quota_verdict *verdict, struct v2m_err *err);

/* Keep the reservation of an upload that goes on, for lease_ms from now. */
int v2m_quota_renew(struct v2m_services *s, const char *owner,
    const char *id, int64_t lease_ms, struct v2m_err *err);

/* Release it: the upload has ended, or was given up.  None there is fine. */
int v2m_quota_release(struct v2m_services *s, const char *owner,
    const char *id, struct v2m_err *err);

#endif
