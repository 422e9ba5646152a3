/* lease.h - when a lease or a pause in a record counts as over.
 *
 * Beside its end a record keeps the length, so that an end that a wrong clock
 * has written can be recognized.  All times are wall ms of the store's server.
 * Pure.
 */
#ifndef V2M_FLOW_LEASE_H
#define V2M_FLOW_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/record.h"

/* Does it end later than now plus twice its length?  Then the clock of its
 * holder was ahead.  length_ms 0: an older v2m took it, and did not note the
 * length; then more than an hour is wrong. */
bool v2m_lease_is_wrong(int64_t until, int64_t length_ms, int64_t now);

/* Has the worker's lease, or the notifier's, run out, or is it wrong? */
bool v2m_lease_is_over(const struct v2m_record *r, int64_t now);
bool v2m_notify_lease_is_over(const struct v2m_record *r, int64_t now);

/* The same for the pause before a job, or a notice, is tried again.  A pause
 * began at queued_at; those of notices are at most V2M_NOTIFY_PAUSE_MOST_MS. */
bool v2m_pause_is_over(const struct v2m_record *r, int64_t now);
bool v2m_notify_pause_is_over(const struct v2m_record *r, int64_t now);
#define V2M_NOTIFY_PAUSE_MOST_MS 3600000

/* Was an upload broken off, so that it cannot be resumed?  Its record is `new`,
 * describes no video, and its lease has run out. */
bool v2m_lease_upload_ended(const struct v2m_record *r, int64_t now);

#endif
