/* access.h - who may see which job: its owner, and the role admin. */
#ifndef V2M_FLOW_ACCESS_H
#define V2M_FLOW_ACCESS_H

#include "auth/token.h"
#include "base/err.h"
#include "store/store.h"

/* The record that id names (the job's ID, or its MP3's) where who may see it.
 * V2M_NOINPUT, in the same words, where there is none and where it is
 * somebody else's. */
int v2m_access(struct v2m_store *s, const struct v2m_claims *who,
    const char *id, struct v2m_record *r, struct v2m_err *err);

#endif
