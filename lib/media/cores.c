#include "media/cores.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUPS "/sys/fs/cgroup"
#define BASE_BYTES (INT64_C(96) << 20)	/* of a job with one thread */
#define THREAD_BYTES (INT64_C(14) << 20)	/* for each further thread:
						 * waiting samples, a LAME,
						 * frames not written yet */

/* The folder of this process's cgroup. */
static int
own_group(char path[PATH_MAX])
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];
	int ret = -1;

	if (f == NULL)
		return -1;
	while (ret < 0 && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0 && snprintf(path, PATH_MAX,
		    GROUPS "%s", line + 3) < PATH_MAX)
			ret = 0;
	}
	fclose(f);
	return ret;
}

/* The first line of a file of the cgroup. */
static int
read_line(const char *group, const char *name, char *line, int size)
{
	char path[PATH_MAX + 32];
	FILE *f;
	int ret;

	snprintf(path, sizeof path, "%s/%s", group, name);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	ret = fgets(line, size, f) == NULL ? -1 : 0;
	fclose(f);
	return ret;
}

/* The lowest limit of the cgroup and those above it.  one: returns the limit of
 * one cgroup; INT64_MAX: none. */
static int64_t
least(int64_t (*one)(const char *group))
{
	char group[PATH_MAX], *slash;
	int64_t n = INT64_MAX, found;

	if (own_group(group) < 0)
		return n;
	for (;;) {
		found = one(group);
		if (found < n)
			n = found;
		slash = strrchr(group, '/');
		if (slash < group + strlen(GROUPS))
			return n;
		*slash = '\0';
	}
}

static int64_t
quota(const char *group)
{
	char line[64];
	int64_t most, period;

	if (read_line(group, "cpu.max", line, sizeof line) < 0 ||
	    sscanf(line, "%" SCNd64 " %" SCNd64, &most, &period) != 2 ||
	    most <= 0 || period <= 0)
		return INT64_MAX;
	return (most + period - 1) / period;
}

static int64_t
memory(const char *group)
{
	char line[64];
	int64_t most;

	if (read_line(group, "memory.max", line, sizeof line) < 0 ||
	    sscanf(line, "%" SCNd64, &most) != 1)
		return INT64_MAX;
	return most;
}

int
v2m_cores(void)
{
	cpu_set_t set;
	int64_t n = 1, allowed = least(quota);

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	else if (sysconf(_SC_NPROCESSORS_ONLN) > 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	if (allowed < n)
		n = allowed;
	return n < 1 ? 1 : (int)n;
}

int
v2m_cores_memory(int64_t configured)
{
	int64_t all = (int64_t)sysconf(_SC_PHYS_PAGES) *
	    sysconf(_SC_PAGESIZE), allowed = least(memory), n;

	if (allowed < all)
		all = allowed;
	all /= 2;
	if (configured > 0 && configured < all)
		all = configured;
	n = (all - BASE_BYTES) / THREAD_BYTES + 1;
	return n < 1 ? 1 : n > INT_MAX ? INT_MAX : (int)n;
}
