/* A media program that a file has taken over: linked in place of
 * lib/engine/work.c, it does what the file's first word says, from where
 * the decoders would be.  An attempt that is let pass says so. */
#include "engine/work.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/report.h"
#include "engine/walls.h"

static pid_t helper;

/* Before any job: a child cannot ask any more. */
static void __attribute__((constructor))
note_helper(void)
{
	helper = getpid();
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
	{ "open", try_open }, { "stat", try_stat }, { "socket", try_socket },
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

	if (walls_close(job, &err) == 0) {
		if (job->kind == V2M_WIRE_WALLS) {
			walls_tell();
			return 0;
		}
		evil(&err);
	}
	walls_blame(&err);
	report_failed(&err, false);
	return 0;
}
