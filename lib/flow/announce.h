/* announce.h - ends of jobs of which nobody was told, because the message that
 * announced them is lost.
 *
 * They are announced once more, at most once for each generation, but never
 * where a foreign notifier tells, which leaves no trace in records; nor what
 * ended so long ago, or before a v2m that keeps that trace set up the store, or
 * before a copy of it was put back: rather nobody is told than all again.
 */
#ifndef V2M_FLOW_ANNOUNCE_H
#define V2M_FLOW_ANNOUNCE_H

#include "base/err.h"
#include "flow/services.h"

/* Note in the store that what ends from now on is seen to.  Once: a second call
 * changes nothing, unless anew, as after putting back a copy. */
int v2m_announce_init(const struct v2m_conf *conf, bool anew,
    struct v2m_err *err);

/* When a copy of the store was put back last, in wall ms; 0: never.  Who was
 * told of an end before that, after the copy was made, the records do not
 * say. */
int v2m_announce_restored(struct v2m_services *s, int64_t *when,
    struct v2m_err *err);

/* Was that ever noted?  1, 0, -1. */
int v2m_announce_is_set_up(struct v2m_store *store, struct v2m_err *err);

/* Would a sweep see to this end, were its message lost?  1, 0, -1. */
int v2m_announce_covers(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err);

/* Publish again, at most `most`; *n of them were.  -1: a service is away. */
int v2m_announce_lost(struct v2m_services *s, unsigned most, unsigned *n,
    struct v2m_err *err);

/* Call each, which returns 0 to go on, for these, and for those that were
 * announced again and lost again; nothing is changed. */
int v2m_announce_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err);

#endif
