/* upload_mark.h - of many processes one makes a job of an upload.
 *
 * A mark is a small document of the store: whose it is, and until when, for a
 * process may die.  It keeps others from doing the same work again, and from
 * taking the upload out of its hands; it is no lock: what is stored changes by
 * fence and compare-and-set, so two at it do no harm.
 */
#ifndef V2M_FLOW_UPLOAD_MARK_H
#define V2M_FLOW_UPLOAD_MARK_H

#include "base/err.h"
#include "flow/services.h"

#define V2M_MARK_DOCUMENT "finish"	/* of a document: a mark */

/* A mark holds so long; renew it three times meanwhile. */
#define V2M_UPLOAD_MARK_MS 30000

/* Set a mark at an upload, or renew it; who is a word of this process's alone.
 * 1; 0 another process has one there; -1. */
int v2m_upload_mark_set(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Renew it where it still is who's; else nothing happens.  0, -1. */
int v2m_upload_mark_renew(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Remove it, if it is who's.  0, -1. */
int v2m_upload_mark_remove(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

/* Has another process than who's one there?  1, 0, -1. */
int v2m_upload_mark_is_others(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err);

#endif
