/* orphan.h - MP3s that no record names: of runs that ended between storing the
 * MP3 and committing. */
#ifndef V2M_FLOW_ORPHAN_H
#define V2M_FLOW_ORPHAN_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* Does the record name this MP3, or can its run still commit it?  The record
 * must have been read after the MP3 was seen. */
bool v2m_orphan_wanted(const struct v2m_record *r,
    const struct v2m_object *mp3);

/* Remove the MP3s of this job that its record does not name and never will:
 * only the run with the fence of the record can still commit.  Safe at any
 * time.  -1: some may be left; v2m-prune removes them. */
int v2m_orphans_remove(struct v2m_store *s, const char *id,
    struct v2m_err *err);

#endif
