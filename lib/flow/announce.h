/* announce.h - jobs that have ended, but whose owner was not told, because the
 * message in the queue was lost.
 *
 * Their message is published again, once for each generation at most.  It is
 * not published again where the records cannot show whether the owner was told:
 * if a foreign notifier sends the notices, or if the job ended before the last
 * call of v2m_announce_init() that had an effect.  Nor is it after
 * give_up_after.  A missing notice does less harm than sending all of them
 * twice.
 */
#ifndef V2M_FLOW_ANNOUNCE_H
#define V2M_FLOW_ANNOUNCE_H

#include "base/err.h"
#include "flow/services.h"

/* Note in the store that this holds for jobs that end from now on.  A second
 * call changes nothing, unless anew is set: after a backup was put back. */
int v2m_announce_init(const struct v2m_conf *conf, bool anew,
    struct v2m_err *err);

/* When a backup of the store was put back last, in wall ms; 0: never.  Which
 * notices were sent between the backup and this time is not in the records. */
int v2m_announce_restored(struct v2m_services *s, int64_t *when,
    struct v2m_err *err);

/* Was v2m_announce_init() called for this store?  1, 0, -1. */
int v2m_announce_is_set_up(struct v2m_store *store, struct v2m_err *err);

/* If the message of this job's end were lost, would a sweep publish it again?
 * 1, 0, -1. */
int v2m_announce_covers(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

/* Publish lost messages again, at most `most`; *n is how many were.  -1: a
 * service is away. */
int v2m_announce_lost(struct v2m_services *s, unsigned most, unsigned *n,
    struct v2m_err *err);

/* Call each for these jobs, and for those whose message was published again and
 * is lost again.  each returns 0 to go on.  Nothing is changed. */
int v2m_announce_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

#endif
