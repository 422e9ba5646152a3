/* How many threads: limits of the cgroup, as files in a mount namespace. */
#include "media/cores.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define GROUPS "/sys/fs/cgroup"
#define OWN "/service/worker"		/* the cgroup of this process */
#define MIB 1048576

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		give_up("cannot write %s", path);
}

/* The files are of this process alone: the mounts end with it. */
static bool
make_groups(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", GROUPS, "tmpfs", 0, NULL) < 0)
		return false;
	put(GROUPS "/own", "4:memory:/other\n0::" OWN "\n");
	return mount(GROUPS "/own", "/proc/self/cgroup", NULL, MS_BIND,
	    NULL) == 0 && mkdir(GROUPS "/service", 0700) == 0 &&
	    mkdir(GROUPS OWN, 0700) == 0;
}

static void
cores(int all)
{
	int two = all < 2 ? all : 2;

	ok(v2m_cores() == all, "without cpu.max: all cores");
	put(GROUPS OWN "/cpu.max", "max 100000\n");
	ok(v2m_cores() == all, "cpu.max is max: all cores");
	put(GROUPS OWN "/cpu.max", "100000 100000\n");
	ok(v2m_cores() == 1, "a quota of one core");
	put(GROUPS OWN "/cpu.max", "25000 50000\n");
	ok(v2m_cores() == 1, "a quota of half a core is one");
	put(GROUPS OWN "/cpu.max", "75000 50000\n");
	ok(v2m_cores() == two, "a quota of one and a half is two");
	put(GROUPS OWN "/cpu.max", "99999900000 100000\n");
	ok(v2m_cores() == all, "a quota above the number of cores");
	put(GROUPS "/service/cpu.max", "100000 100000\n");
	ok(v2m_cores() == 1, "the quota of the group above counts");
	put(GROUPS "/service/cpu.max", "0 0\n");
	ok(v2m_cores() == all, "a quota that is nonsense is none");
	put(GROUPS "/service/cpu.max", "");
	ok(v2m_cores() == all, "an empty cpu.max is none");
}

static void
memory(int all)
{
	char text[32];

	ok(v2m_cores_memory(0) == all, "without memory.max: the machine's");
	put(GROUPS OWN "/memory.max", "max\n");
	ok(v2m_cores_memory(0) == all, "memory.max is max: the machine's");
	/* Half of it is for 96 MiB and 14 for each thread but the first. */
	snprintf(text, sizeof text, "%d\n", 2 * (96 + 14) * MIB);
	put(GROUPS "/service/memory.max", text);
	ok(v2m_cores_memory(0) == 2, "the limit of the group above counts");
	snprintf(text, sizeof text, "%d\n", 2 * 96 * MIB);
	put(GROUPS OWN "/memory.max", text);
	ok(v2m_cores_memory(0) == 1, "and a lower one of its own");
	put(GROUPS OWN "/memory.max", "1\n");
	ok(v2m_cores_memory(0) == 1, "never less than one thread");
}

int
main(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0 || !make_groups()) {
		printf("1..0 # SKIP mounts want root\n");
		return 0;
	}
	cores(CPU_COUNT(&set));
	unlink(GROUPS "/service/cpu.max");
	memory(v2m_cores_memory(0));
	return tap_done();
}
