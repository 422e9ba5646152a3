#include "engine/filter.h"

#if FILTER_SANITIZED
#define WHY_NOT "built with sanitizers"
#elif !defined HAVE_SECCOMP
#define WHY_NOT "built without libseccomp"
#endif

#ifdef WHY_NOT

int
filter_load(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_TEMP, WHY_NOT);
}

void
filter_tell(void)
{
}

#else

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/trap.h"

/* Argument n equals this number.  All members are given, as libseccomp's own
 * macros leave one out. */
#define EQUAL(n, number) \
	((struct scmp_arg_cmp){ (n), SCMP_CMP_EQ, (number), 0 })
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Needed for reading, decoding, encoding and exiting, with threads.  None of
 * these names a file, a process or an address. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write),
	SCMP_SYS(pwrite64), SCMP_SYS(writev), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(ftruncate), SCMP_SYS(recvfrom),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* For qsort(3) of glibc, which sizes its buffer by it. */
	SCMP_SYS(sysinfo),
};

/* Allow calls with certain arguments only. */
static int
add_forms(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp no_exec = {
		2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0
	};
	int e;

	if ((e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    no_exec)) < 0 ||
	    (e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    no_exec)) < 0)
		return e;
	/* send(2): without an address. */
	e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
	    EQUAL(4, 0));
	/* The process's own limit of CPU time. */
	if (e == 0)
		e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
		    2, EQUAL(0, 0), EQUAL(1, RLIMIT_CPU));
	/* abort(3), so that its exit status shows it. */
	if (e == 0)
		e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
		    EQUAL(0, (scmp_datum_t)getpid()), EQUAL(2, SIGABRT));
	return e;
}

/* Numbers below 0 are calls that this architecture does not have. */
static int
add_all(scmp_filter_ctx f)
{
	int e = 0;

	for (size_t i = 0; i < COUNT(allowed) && e == 0; i++)
		if (allowed[i] >= 0)
			e = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	return e == 0 ? add_forms(f) : e;
}

int
filter_load(struct v2m_err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_TRAP);
	int e = f == NULL ? -ENOMEM : 0;

	trap_init();
	if (e == 0)
		e = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH,
		    SCMP_ACT_KILL_PROCESS);
	if (e == 0)
		e = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	if (e == 0)
		e = add_all(f);
	if (e == 0)
		e = seccomp_load(f);
	seccomp_release(f);
	if (e == 0)
		return 0;
	return v2m_err_set(err, V2M_TEMP, "%s", strerror(-e));
}

/* Looks up the call's name here, as that takes memory. */
void
filter_tell(void)
{
	char *name = trap_count() == 0 ? NULL :
	    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, trap_first());

	fprintf(stderr, "v2m-media: %u system calls refused%s%s\n",
	    trap_count(), name != NULL ? ", the first " : "",
	    name != NULL ? name : "");
	free(name);
}

#endif
