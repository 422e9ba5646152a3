/* cores.h - how many threads this process may keep busy, and feed. */
#ifndef V2M_MEDIA_CORES_H
#define V2M_MEDIA_CORES_H

#include <stdint.h>

/* The cores it may run on: affinity and, with cgroup v2, the quotas of its
 * group and those above, a part of a core counting as one.  At least 1. */
int v2m_cores(void);

/* How many threads may encode in the memory there is: half of the machine's or
 * of what the groups allow, and no more than configured, in bytes (0: without
 * limit).  At least 1. */
int v2m_cores_memory(int64_t configured);

#endif
