/* permission.h - who may see a job: its owner, and administrators. */
#ifndef V2M_FLOW_PERMISSION_H
#define V2M_FLOW_PERMISSION_H

#include "auth/token.h"
#include "base/err.h"
#include "flow/services.h"
#include "store/store.h"

/* The record of id (a job's ID, or its MP3's), if identity may see it.
 * V2M_NOINPUT: there is none, or it is somebody else's; the message is the same
 * for both. */
int v2m_permitted_job(struct v2m_store *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err);

/* The same, for reading an MP3.  An MP3 of a foreign service may have no
 * record, so that its owner is not known: administrators may read it, and
 * others if foreign_files says so.  *r is then not in the store: it is done,
 * and its ID is that of the MP3.  V2M_DENIED: foreign_files, which the message
 * names, does not allow it. */
int v2m_permitted_mp3(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err);

#endif
