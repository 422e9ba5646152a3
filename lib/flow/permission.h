/* permission.h - who may see which job: its owner, and the role admin. */
#ifndef V2M_FLOW_PERMISSION_H
#define V2M_FLOW_PERMISSION_H

#include "auth/token.h"
#include "base/err.h"
#include "flow/services.h"
#include "store/store.h"

/* The record that id names (the job's ID, or its MP3's), if identity may see
 * it.  V2M_NOINPUT, in the same words, where there is none and where it is
 * somebody else's. */
int v2m_permitted_job(struct v2m_store *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err);

/* The same to read an MP3.  One that a foreign service left, of which nobody
 * knows the owner, is the administrator's, and everybody's as foreign_files
 * says: *r, which is not in the store, is then done and has the MP3's ID as
 * its own.  V2M_DENIED, naming that key, where it refuses. */
int v2m_permitted_mp3(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err);

#endif
