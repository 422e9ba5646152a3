/* orphan.h - MP3s of runs that ended between storing and committing. */
#ifndef V2M_FLOW_ORPHAN_H
#define V2M_FLOW_ORPHAN_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* Does the record name this MP3, or can it come to?  True only of a record
 * that was read after the MP3 was seen. */
bool v2m_orphan_wanted(const struct v2m_record *r,
    const struct v2m_object *mp3);

/* Remove the MP3s that were made for this job and that its record neither
 * names nor can come to name.  The fence tells: only the run that a record is
 * in can still commit.  Safe at any time.  -1: some are left, for whoever
 * looks next. */
int v2m_orphans_remove(struct v2m_store *s, const char *id,
    struct v2m_err *err);

#endif
