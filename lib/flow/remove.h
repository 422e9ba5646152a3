/* remove.h - deletes a job for its owner, in whatever state it is. */
#ifndef V2M_FLOW_REMOVE_H
#define V2M_FLOW_REMOVE_H

#include "auth/token.h"
#include "base/err.h"
#include "flow/services.h"

/* The record becomes `cancelled` (a running job loses its lease and stops),
 * then video and MP3 are deleted.  V2M_NOINPUT: as of v2m_permitted_job(), or
 * it was removed before. */
int v2m_remove(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, struct v2m_err *err);

#endif
