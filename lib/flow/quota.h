/* quota.h - does one more upload fit in what its owner may have?  How much that
 * is, flow/limits.h says.
 *
 * What was accepted is counted in the records (v2m_store_usage()), so that
 * there is nothing to drift or to rebuild, and what is removed or done gives
 * back by itself.  Uploads that have not ended are reservations in the owner's
 * ledger, a document that changes by compare-and-set: of many that come at once
 * exactly as many are accepted as there is room for.  A reservation that was
 * not released, after a crash, ends after its lease.
 *
 * Where nothing limits the owner nothing is written.
 */
#ifndef V2M_FLOW_QUOTA_H
#define V2M_FLOW_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/limits.h"
#include "flow/services.h"
#include "store/record.h"

#define V2M_QUOTA_DOCUMENT "quota"	/* of a document: a ledger */

enum v2m_quota_verdict {
	V2M_QUOTA_FINE,
	V2M_QUOTA_BYTES,	/* over max_user_bytes: V2M_DATA */
	V2M_QUOTA_JOBS,		/* over max_user_jobs: V2M_TEMP */
	V2M_QUOTA_UNFINISHED,	/* over max_user_unfinished: V2M_TEMP */
};

struct v2m_quota_request {
	const char *owner, *id;	/* of the upload */
	int64_t bytes;		/* as long as it may become */
	int64_t lease_ms;
	bool resumable;		/* it counts as unfinished */
};

/* Reserve the bytes and a job for an upload.  *verdict tells a refusal from
 * other failures, which leave it V2M_QUOTA_FINE.  With V2M_QUOTA_UNFINISHED
 * idle is the owner's oldest unfinished upload of those that nobody has sent
 * to for 10 min, or "": when it has ended and is released there is place.
 * V2M_TEMP: the store is away, or too many uploads at a time, which counts as
 * V2M_QUOTA_JOBS. */
int v2m_quota_reserve(struct v2m_services *s,
    const struct v2m_quota_request *ask, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err);

/* Keep the reservation of an upload that goes on, for lease_ms from now. */
int v2m_quota_renew(struct v2m_services *s, const char *owner,
    const char *id, int64_t lease_ms, struct v2m_err *err);

/* All bytes of it are there, and it waits to become a job: it counts as
 * unfinished no longer, and is never idle.  None there is fine. */
int v2m_quota_complete(struct v2m_services *s, const char *owner,
    const char *id, struct v2m_err *err);

/* What an owner may have, and has: jobs and bytes with those of uploads that
 * have not ended; bytes only where they are limited, else 0. */
struct v2m_quota_state {
	struct v2m_limits limits;
	int64_t bytes, jobs, unfinished;
};
int v2m_quota_state(struct v2m_services *s, const char *owner,
    struct v2m_quota_state *state, struct v2m_err *err);

/* Release it: the upload has ended, or was given up.  None there is fine. */
int v2m_quota_release(struct v2m_services *s, const char *owner,
    const char *id, struct v2m_err *err);

#endif
