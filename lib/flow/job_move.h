/* job_move.h - how a record changes: for lib/flow/job*.c alone. */
#ifndef V2M_FLOW_JOB_MOVE_H
#define V2M_FLOW_JOB_MOVE_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* A move judges the record and changes it: 1 write it, 0 leave it. */
typedef int v2m_job_judge(struct v2m_record *r, void *arg);

/* Judge and write by compare-and-set; where somebody was faster, judge what
 * he left.  1 written, 0 left; on -1 *r is as it was, so that another move can
 * be tried. */
int v2m_job_move(struct v2m_store *s, struct v2m_record *r,
    v2m_job_judge *judge, void *arg, struct v2m_err *err);

/* A move failed that may have been written, or may yet be.  A write settles it:
 * 1 it was, as mine says of the record; 0 it was not, and one that comes late
 * no longer fits the record's revision; -1 it is not known. */
int v2m_job_settle(struct v2m_store *s, struct v2m_record *r,
    bool (*mine)(const struct v2m_record *r, const char *holder),
    const char *holder);

/* The end of a run, whatever comes next. */
void v2m_job_drop_lease(struct v2m_record *r);

/* A new generation has not been told anything yet. */
void v2m_job_reset_notification(struct v2m_record *r);

#endif
