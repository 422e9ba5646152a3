/* cores.h - how many threads this process can use, by cores and by memory. */
#ifndef V2M_MEDIA_CORES_H
#define V2M_MEDIA_CORES_H

#include <stdint.h>

/* The number of cores it may use: by its affinity and, with cgroup v2, the CPU
 * quotas of its cgroup and those above it, rounded up.  At least 1. */
int v2m_cores(void);

/* How many threads can encode within half of the machine's memory, or of the
 * cgroups' limit if that is less, and within `configured` bytes (0: no limit).
 * At least 1. */
int v2m_cores_memory(int64_t configured);

#endif
