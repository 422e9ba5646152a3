/* orphan.h - MP3s of runs that ended between storing and committing. */
#ifndef V2M_FLOW_ORPHAN_H
#define V2M_FLOW_ORPHAN_H

#include "base/err.h"
#include "store/store.h"

/* Remove the MP3s that were made for this job and that its record neither
 * names nor can come to name.  The fence tells: only the run that a record is
 * in can still commit.  Safe at any time.  -1: some are left, for whoever
 * looks next. */
int v2m_orphans_remove(struct v2m_store *s, const char *id,
    struct v2m_err *err);

#endif
