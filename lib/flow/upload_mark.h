/* upload_mark.h - marks an upload while a process makes a job of it.
 *
 * A mark is a document of the store: which process, and until when, as it may
 * die.  It keeps other processes from doing the same work, and from resuming
 * the upload meanwhile.  It is not a lock: the store is protected by fences and
 * compare-and-set, so two processes at the same upload do no harm.
 */
#ifndef V2M_FLOW_UPLOAD_MARK_H
#define V2M_FLOW_UPLOAD_MARK_H

#include "base/err.h"
#include "flow/services.h"

#define V2M_MARK_DOCUMENT "finish"	/* the kind of document: a mark */

/* How long a mark is valid; renew it three times in this time. */
#define V2M_UPLOAD_MARK_MS 30000

/* Mark an upload, or renew the mark; who: a text that no other process has.
 * 1; 0: another process has marked it; -1. */
int v2m_upload_mark_set(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Renew the mark if it is still that of who; else do nothing.  0, -1. */
int v2m_upload_mark_renew(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Remove the mark, if it is that of who.  0, -1. */
int v2m_upload_mark_remove(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Has another process than who marked it?  1, 0, -1. */
int v2m_upload_mark_is_others(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

#endif
