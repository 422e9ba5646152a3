#include "engine/trap.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

#include "engine/report.h"

/* Registers of a call's result and of its second and third argument. */
#if defined __x86_64__
#define REGISTER(uc, name) ((uc)->uc_mcontext.gregs[REG_ ## name])
#define RESULT(uc) REGISTER(uc, RAX)
#define SECOND(uc) REGISTER(uc, RSI)
#define THIRD(uc) REGISTER(uc, RDX)
#elif defined __i386__
#define REGISTER(uc, name) ((uc)->uc_mcontext.gregs[REG_ ## name])
#define RESULT(uc) REGISTER(uc, EAX)
#define SECOND(uc) REGISTER(uc, ECX)
#define THIRD(uc) REGISTER(uc, EDX)
#elif defined __aarch64__
#define RESULT(uc) ((uc)->uc_mcontext.regs[0])
#define SECOND(uc) ((uc)->uc_mcontext.regs[1])
#define THIRD(uc) ((uc)->uc_mcontext.regs[2])
#elif defined __arm__
#define RESULT(uc) ((uc)->uc_mcontext.arm_r0)
#define SECOND(uc) ((uc)->uc_mcontext.arm_r1)
#define THIRD(uc) ((uc)->uc_mcontext.arm_r2)
#elif defined __riscv
#define RESULT(uc) ((uc)->uc_mcontext.__gregs[REG_A0])
#define SECOND(uc) ((uc)->uc_mcontext.__gregs[REG_A0 + 1])
#define THIRD(uc) ((uc)->uc_mcontext.__gregs[REG_A0 + 2])
#endif

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct {
	int number;
	const char *name;
} forbidden[] = {
#define CALL(name) { SCMP_SYS(name), #name }
	CALL(creat), CALL(truncate), CALL(truncate64),
	CALL(unlink), CALL(unlinkat), CALL(rmdir), CALL(rename),
	CALL(renameat), CALL(renameat2), CALL(mkdir), CALL(mkdirat),
	CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat),
	CALL(mknod), CALL(mknodat), CALL(chmod), CALL(fchmodat),
	CALL(chown), CALL(lchown), CALL(fchownat), CALL(utimensat),
	CALL(setxattr), CALL(lsetxattr), CALL(removexattr),
	CALL(lremovexattr),
	CALL(execve), CALL(execveat), CALL(fork), CALL(vfork), CALL(clone),
	CALL(socket), CALL(socketpair), CALL(socketcall), CALL(connect),
	CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(sendto),
	CALL(sendmsg), CALL(sendmmsg),
	CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev),
	CALL(kill), CALL(tkill), CALL(tgkill), CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo), CALL(pidfd_open),
	CALL(pidfd_send_signal), CALL(pidfd_getfd),
	CALL(mount), CALL(umount), CALL(umount2), CALL(pivot_root),
	CALL(chroot), CALL(open_tree), CALL(move_mount), CALL(fsopen),
	CALL(fsconfig), CALL(fsmount), CALL(unshare), CALL(setns),
	CALL(bpf),
#undef CALL
};

/* These only look up a name, or open files; writing is checked apart. */
static const int names[] = {
	SCMP_SYS(open), SCMP_SYS(openat),
	SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64),
	SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),
	SCMP_SYS(statfs), SCMP_SYS(statfs64),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat),
};

static atomic_uint count;
static atomic_int first = -1;
static uid_t uid, euid;
static gid_t gid, egid;

unsigned
trap_count(void)
{
	return count;
}

int
trap_first(void)
{
	return first;
}

/* Takes no lock and no memory, as it runs in a signal handler. */
static void
end_child(const char *name)
{
	report_forbidden(name);
	_exit(0);
}

static const char *
forbidden_name(int number)
{
	for (size_t i = 0; i < COUNT(forbidden); i++)
		if (forbidden[i].number == number)
			return forbidden[i].name;
	return NULL;
}

#ifdef RESULT

static bool
opens_to_write(int number, const ucontext_t *uc)
{
	return (number == SCMP_SYS(open) && (SECOND(uc) & WRITES) != 0) ||
	    (number == SCMP_SYS(openat) && (THIRD(uc) & WRITES) != 0);
}

static long
answer(int number)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i] == number)
			return -ENOENT;
	if (number == SCMP_SYS(uname))
		return -EFAULT;
	if (number == SCMP_SYS(getuid) || number == SCMP_SYS(getuid32))
		return (long)uid;
	if (number == SCMP_SYS(geteuid) || number == SCMP_SYS(geteuid32))
		return (long)euid;
	if (number == SCMP_SYS(getgid) || number == SCMP_SYS(getgid32))
		return (long)gid;
	if (number == SCMP_SYS(getegid) || number == SCMP_SYS(getegid32))
		return (long)egid;
	return -ENOSYS;
}

#endif

/* The kernel has not executed the call. */
static void
trapped(int signal, siginfo_t *info, void *context)
{
	int number = info->si_syscall, none = -1;
	const char *name = forbidden_name(number);

	(void)signal;
	if (name != NULL)
		end_child(name);
#ifdef RESULT
	if (opens_to_write(number, context))
		end_child(number == SCMP_SYS(openat) ? "openat" : "open");
	count++;
	atomic_compare_exchange_strong(&first, &none, number);
	RESULT((ucontext_t *)context) = answer(number);
#else
	(void)none;
	(void)context;
	end_child("?");
#endif
}

void
trap_init(void)
{
	struct sigaction act = {
		.sa_sigaction = trapped, .sa_flags = SA_SIGINFO
	};
	sigset_t sys;

	uid = getuid();
	euid = geteuid();
	gid = getgid();
	egid = getegid();
	sigaction(SIGSYS, &act, NULL);
	sigemptyset(&sys);
	sigaddset(&sys, SIGSYS);
	pthread_sigmask(SIG_UNBLOCK, &sys, NULL);
}

#else

unsigned
trap_count(void)
{
	return 0;
}

int
trap_first(void)
{
	return -1;
}

#endif
