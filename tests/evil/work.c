/* A media program that a file has taken over: linked in place of
 * lib/engine/work.c, it does what the file's first word says, from where
 * the decoders would be.  An attempt that is let pass says so. */
#include "engine/work.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "engine/filter.h"
#include "engine/report.h"
#include "engine/sandbox.h"

static pid_t helper;
static uid_t uid;
static gid_t gid;

/* Before any job: a child cannot ask any more. */
static void __attribute__((constructor))
note_helper(void)
{
	helper = getpid();
	uid = getuid();
	gid = getegid();
}

static long
try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long
try_stat(void)
{
	struct stat st;

	return stat("/etc/passwd", &st);
}

/* To write, in a folder where everybody may. */
static long
try_create(void)
{
	return open("/tmp/v2m-evil", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
}

static long
try_truncate(void)
{
	return open("/tmp/v2m-evil", O_RDONLY | O_TRUNC | O_CLOEXEC);
}

static long
try_unlink(void)
{
	return unlink("/tmp/v2m-evil");
}

static long
try_rename(void)
{
	return rename("/tmp/v2m-evil", "/tmp/v2m-evil.old");
}

static long
try_mkdir(void)
{
	return mkdir("/tmp/v2m-evil", 0700);
}

static long
try_chmod(void)
{
	return chmod("/tmp/v2m-evil", 0777);
}

static long
try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long
try_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static long
try_link(void)
{
	char to[64];

	return readlink("/proc/self/exe", to, sizeof to);
}

static long
try_access(void)
{
	return access("/etc/passwd", R_OK);
}

static long
try_uname(void)
{
	struct utsname name;

	return uname(&name);
}

static long
try_openat2(void)
{
	static const char how[24];

	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how);
}

/* Who runs us is no secret. */
static long
try_uid(void)
{
	return getuid() == uid && getegid() == gid ? 0 : -1;
}

/* A thread that was there before the filter, as those that encode are. */
static pthread_t thread;
static sem_t asked;
static long from_thread;

static void *
wait_and_open(void *arg)
{
	while (sem_wait(&asked) != 0)
		;
	from_thread = try_open();
	return arg;
}

static long
try_thread(void)
{
	sem_post(&asked);
	pthread_join(thread, NULL);
	errno = ENOENT;
	return from_thread;
}

/* One thread more. */
static long
try_more(void)
{
	pthread_t more;

	return pthread_create(&more, NULL, wait_and_open, NULL) == 0 ? 0 : -1;
}

static long
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* On a socket that is there already. */
static long
try_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	return connect(WORK_FD_REPORTS, (struct sockaddr *)&to, sizeof to);
}

static long
try_exec(void)
{
	static char sh[] = "/bin/sh";
	char *argv[] = { sh, NULL };

	return execv(sh, argv);
}

static long
try_fork(void)
{
	while (fork() >= 0)
		;
	return -1;
}

static long
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, helper, NULL, NULL);
}

static long
try_kill(void)
{
	return kill(helper, SIGKILL);
}

/* abort(3) ends with a call like this one, on the process itself. */
static long
try_tgkill(void)
{
	return syscall(SYS_tgkill, helper, helper, SIGABRT);
}

static long
try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

/* To be put in the way of who would end us. */
static long
try_handler(void)
{
	return signal(SIGSYS, SIG_IGN) == SIG_ERR ? -1 : 0;
}

static long
try_odd(void)
{
	return syscall(SYS_sync);
}

static long
try_memory(void)
{
	for (int gib = 0; gib < 100; gib++) {
		volatile char *p = malloc(1 << 30);

		if (p == NULL)
			return v2m_err_set(NULL, V2M_TEMP, "no memory");
		*p = 1;
	}
	return 0;
}

static long
try_loop(void)
{
	for (volatile unsigned n = 1; n != 0; n |= 1)
		;
	return 0;
}

static long
try_limit(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CPU, &none);
	return try_loop();
}

static long
try_sleep(void)
{
	const struct timespec second = { .tv_sec = 1 };

	while (nanosleep(&second, NULL) == 0)
		;
	return 0;
}

static long
try_output(void)
{
	static char block[1 << 20];

	while (write(WORK_FD_OUTPUT, block, sizeof block) > 0)
		;
	return -1;
}

static long
try_abort(void)
{
	abort();
}

static const struct {
	const char *word;
	long (*fn)(void);
} tries[] = {
	{ "open", try_open }, { "stat", try_stat }, { "link", try_link },
	{ "access", try_access }, { "uname", try_uname },
	{ "openat2", try_openat2 }, { "uid", try_uid },
	{ "create", try_create }, { "truncate", try_truncate },
	{ "unlink", try_unlink }, { "rename", try_rename },
	{ "mkdir", try_mkdir }, { "chmod", try_chmod },
	{ "mount", try_mount }, { "unshare", try_unshare },
	{ "thread", try_thread }, { "more", try_more },
	{ "socket", try_socket },
	{ "connect", try_connect }, { "exec", try_exec }, { "fork", try_fork },
	{ "ptrace", try_ptrace }, { "kill", try_kill },
	{ "tgkill", try_tgkill }, { "code", try_code },
	{ "handler", try_handler }, { "odd", try_odd },
	{ "memory", try_memory }, { "loop", try_loop },
	{ "limit", try_limit }, { "sleep", try_sleep },
	{ "output", try_output }, { "abort", try_abort },
};

/* What an honest decoder says where a call fails. */
static void
evil(struct v2m_err *err)
{
	char word[32] = "";
	ssize_t n = pread(WORK_FD_INPUT, word, sizeof word - 1, 0);

	word[n < 0 ? 0 : n] = '\0';
	word[strcspn(word, "\n")] = '\0';
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		long ret;

		if (strcmp(word, tries[i].word) != 0)
			continue;
		errno = 0;
		ret = tries[i].fn();
		if (errno == ENOMEM)
			v2m_err_set(err, V2M_TEMP, "out of memory");
		else if (ret < 0)
			v2m_err_sys(err, V2M_IO, "%s failed", word);
		else
			v2m_err_set(err, V2M_BUG, "%s was let pass", word);
		return;
	}
	v2m_err_set(err, V2M_DATA, "no such evil");
}

int
work(const struct v2m_wire_job *job)
{
	struct v2m_err err;

	sem_init(&asked, 0, 0);
	if (pthread_create(&thread, NULL, wait_and_open, NULL) != 0)
		return 1;
	if (sandbox_close(job, &err) == 0) {
		if (job->kind == V2M_WIRE_SANDBOX) {
			sandbox_tell();
			return 0;
		}
		evil(&err);
	}
	if (getenv("V2M_MEDIA_DEBUG") != NULL)
		filter_tell();
	sandbox_blame(&err);
	report_failed(&err, false, sandbox_lacks());
	return 0;
}
