/* quota.h - may an owner upload one more file?  The limits are those of
 * flow/limits.h.
 *
 * Accepted jobs are counted in the records (v2m_store_usage()), so no separate
 * count can become wrong.  Uploads that have not ended have reservations in the
 * owner's ledger, a document that changes by compare-and-set: if many uploads
 * begin at once, exactly as many are accepted as there is room for.  A
 * reservation that was not released, after a crash, ends with its lease.
 *
 * For an owner without limits nothing is written.
 */
#ifndef V2M_FLOW_QUOTA_H
#define V2M_FLOW_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/limits.h"
#include "flow/services.h"
#include "store/record.h"

#define V2M_QUOTA_DOCUMENT "quota"	/* the kind of document: a ledger */

enum v2m_quota_verdict {
	V2M_QUOTA_FINE,
	V2M_QUOTA_BYTES,	/* over max_user_bytes: V2M_DATA */
	V2M_QUOTA_JOBS,		/* over max_user_jobs: V2M_TEMP */
	V2M_QUOTA_UNFINISHED,	/* over max_user_unfinished: V2M_TEMP */
	/* Other uploads of the owner have reserved the room: V2M_TEMP. */
	V2M_QUOTA_RESERVED,
};

struct v2m_quota_request {
	const char *owner, *id;	/* of the upload */
	int64_t bytes;		/* wanted; on success: that were reserved */
	int64_t least;		/* accept no fewer than this; 0: all */
	int64_t lease_ms;
	bool resumable;		/* it counts as unfinished */
	/* Change the bytes of a reservation that exists: only these are judged.
	 * If there is none, nothing is done. */
	bool goes_on;
};

/* Reserve the bytes and a job for an upload.  *verdict says why it was refused;
 * after another failure it is V2M_QUOTA_FINE.  With V2M_QUOTA_UNFINISHED and
 * V2M_QUOTA_RESERVED, idle is the owner's oldest unfinished upload for which no
 * bytes came in the last 10 min, or "".  The caller may remove it, release it,
 * and try again.  V2M_TEMP: the store is away, or there are too many uploads at
 * a time, which counts as V2M_QUOTA_JOBS. */
int v2m_quota_reserve(struct v2m_services *s,
    struct v2m_quota_request *ask, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err);

/* Renew the reservation of an upload for lease_ms from now.  *verdict: as of
 * v2m_quota_reserve(). */
int v2m_quota_renew(struct v2m_services *s, const char *owner,
    const char *id, int64_t lease_ms, enum v2m_quota_verdict *verdict,
    struct v2m_err *err);

/* All bytes of the upload have come: from now on it does not count as
 * unfinished, and is never idle.  Fine if there is no reservation. */
int v2m_quota_complete(struct v2m_services *s, const char *owner,
    const char *id, struct v2m_err *err);

/* What an owner may have, and has.  Jobs and bytes include uploads that have
 * not ended; bytes are counted only if they are limited, and 0 otherwise. */
struct v2m_quota_state {
	struct v2m_limits limits;
	int64_t bytes, jobs, unfinished;
};
int v2m_quota_state(struct v2m_services *s, const char *owner,
    struct v2m_quota_state *state, struct v2m_err *err);

/* Release the reservation of an upload that has ended or was given up.  Fine if
 * there is none. */
int v2m_quota_release(struct v2m_services *s, const char *owner,
    const char *id, struct v2m_err *err);

#endif
