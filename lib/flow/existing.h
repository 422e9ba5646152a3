/* existing.h - is there a job for the same video already?  What --skip-existing
 * asks, wherever the records come from. */
#ifndef V2M_FLOW_EXISTING_H
#define V2M_FLOW_EXISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "store/record.h"

/* Of n records with the bytes in question, one that will have an MP3 with
 * these options, or has it; NULL.  queue: held ones do not count. */
const struct v2m_record *v2m_existing_pick(const struct v2m_record *list,
    size_t n, const char *options, bool queue);

#endif
