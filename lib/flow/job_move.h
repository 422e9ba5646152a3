/* job_move.h - how a record changes: for lib/flow/job*.c alone. */
#ifndef V2M_FLOW_JOB_MOVE_H
#define V2M_FLOW_JOB_MOVE_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* Decide what to do with the record: return 1 after changing it, to have it
 * written; 0 to leave it as it is. */
typedef int v2m_job_judge(struct v2m_record *r, void *arg);

/* Judge, and write by compare-and-set; if another process was faster, judge the
 * record that it wrote.  1: written; 0: left as it is; -1: *r is as before, so
 * that another move can be tried. */
int v2m_job_move(struct v2m_store *s, struct v2m_record *r,
    v2m_job_judge *judge, void *arg, struct v2m_err *err);

/* A move failed, but may have been written, or may still arrive at the store.
 * Find out, by writing the record once more, after which a late write cannot
 * succeed, as the revision differs.  1: it was written: mine() is true of the
 * record; 0: it was not, and will not be; -1: not known. */
int v2m_job_settle(struct v2m_store *s, struct v2m_record *r,
    bool (*mine)(const struct v2m_record *r, const char *holder),
    const char *holder);

/* Clear the lease and the progress. */
void v2m_job_drop_lease(struct v2m_record *r);

/* In a new generation, clear what is recorded of the last one's
 * notification. */
void v2m_job_reset_notification(struct v2m_record *r);

#endif
