/* Running a program that takes a message: bounded in time, sealed off. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/stop.h"
#include "mail/private.h"

#define TICK_MS 20		/* without pidfd_open(2), of Linux 5.3 */
#define TERM_MS 1000		/* from SIGTERM to SIGKILL */
#define KILL_MS 5000		/* from SIGKILL to giving up on the kernel */

/* The last line with something in it of what a program says. */
struct last_line {
	char line[256], next[256];
	size_t n;
};

struct child {
	pid_t pid;
	int pidfd;		/* or -1 */
	int talk;		/* its stderr, not blocking; -1 when closed */
	struct last_line said;
	int status;		/* of waitpid(2) */
	bool lost;		/* no status to be had */
};

static void
hear_output(struct last_line *l, const char *s, size_t n)
{
	for (; n > 0; s++, n--) {
		if (*s != '\n' && *s != '\r') {
			if (l->n < sizeof l->next - 1)
				l->next[l->n++] = *s;
			continue;
		}
		l->next[l->n] = '\0';
		if (l->next[strspn(l->next, " \t")] != '\0')
			memcpy(l->line, l->next, sizeof l->line);
		l->n = 0;
	}
}

/* Take what is there of the program's stderr.  A bounded amount: somebody who
 * writes without end must not keep us from looking at the clock. */
static void
listen_to(struct child *c)
{
	char buf[4096];
	ssize_t n = 0;
	int turns;

	for (turns = 0; turns < 16 && c->talk >= 0; turns++) {
		n = read(c->talk, buf, sizeof buf);
		if (n > 0) {
			hear_output(&c->said, buf, (size_t)n);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(c->talk);
			c->talk = -1;
		} else {
			return;
		}
	}
}

/* Descriptors 0 to 2 are the child's: one of ours that got such a number, as
 * happens where we were started without a stdin, would be in the way. */
static int
above_stdio(int fd)
{
	int moved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return moved;
}

/* The message in a file without a name, CRLF made LF.  A file and no pipe: it
 * holds all of it whether or when the program reads, and nobody waits. */
static int
message_file(const struct v2m_mail_message *message, struct v2m_err *err)
{
	int fd = above_stdio(memfd_create("v2m-notice", MFD_CLOEXEC));
	const char *at = message->text, *end = at + message->length, *eol;

	if (fd < 0)
		fd = above_stdio(v2m_io_tmpfile(NULL, NULL));
	if (fd < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot spool a notice");
	while (at < end) {
		eol = memmem(at, (size_t)(end - at), "\r\n", 2);
		if (eol == NULL)
			eol = end;
		if (v2m_io_write(fd, at, (size_t)(eol - at), "notice",
		    err) < 0 || (eol < end && v2m_io_write(fd, "\n", 1,
		    "notice", err) < 0))
			goto fail;
		at = eol < end ? eol + 2 : end;
	}
	if (lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	v2m_err_sys(err, V2M_TEMP, "cannot spool a notice");
fail:
	close(fd);
	return -1;
}

static void
set_signals(posix_spawnattr_t *attr)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD,
		SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2 };
	sigset_t none, defaults;
	size_t i;

	sigemptyset(&none);
	sigemptyset(&defaults);
	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		sigaddset(&defaults, ours[i]);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &defaults);
	/* A session of its own: no terminal to ask questions on, no Ctrl-C
	 * in the middle of a mail, and one process group to kill. */
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* 0 or an errno. */
static int
spawn(struct child *c, const struct v2m_run *run, int input, int talk)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int sys = posix_spawn_file_actions_init(&files);

	if (sys != 0)
		return sys;
	sys = posix_spawnattr_init(&attr);
	if (sys != 0) {
		posix_spawn_file_actions_destroy(&files);
		return sys;
	}
	set_signals(&attr);
	if ((sys = posix_spawn_file_actions_adddup2(&files, input, 0)) == 0 &&
	    (sys = posix_spawn_file_actions_adddup2(&files, talk, 2)) == 0 &&
	    (sys = posix_spawn_file_actions_addopen(&files, 1, "/dev/null",
	    O_WRONLY, 0)) == 0 &&
	    (sys = posix_spawn_file_actions_addclosefrom_np(&files, 3)) == 0)
		sys = posix_spawn(&c->pid, run->path, &files, &attr, run->argv,
		    run->env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return sys;
}

static int
start(struct child *c, const struct v2m_run *run, const char *name,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	int input = message_file(message, err), pipes[2];

	if (input < 0)
		return -1;
	if (pipe2(pipes, O_CLOEXEC) < 0) {
		v2m_err_sys(err, V2M_TEMP, "cannot start %s", name);
		close(input);
		return -1;
	}
	pipes[0] = above_stdio(pipes[0]);
	pipes[1] = above_stdio(pipes[1]);
	errno = spawn(c, run, input, pipes[1]);
	if (errno != 0)
		v2m_err_set(err, V2M_TEMP, "cannot start %s: %s", name,
		    strerror(errno));
	close(input);
	close(pipes[1]);
	if (c->pid <= 0) {
		close(pipes[0]);
		return -1;
	}
	c->talk = pipes[0];
	fcntl(c->talk, F_SETFL, O_NONBLOCK);
	c->pidfd = pidfd_open(c->pid, 0);
	return 0;
}

/* Has it ended?  Leaves it to be reaped: until then its number, and that of
 * its process group, are nobody else's. */
static bool
has_ended(struct child *c)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == 0)
		return info.si_pid == c->pid;
	/* Where SIGCHLD is ignored there is no status to be had. */
	c->lost = errno == ECHILD;
	return c->lost;
}

/* Wait for its end, or until when_ms; hearing what it says meanwhile.  With
 * drain_ms >= 0, no longer than that from SIGTERM on. */
static bool
ended_by(struct child *c, int64_t when_ms, int64_t drain_ms)
{
	bool stopping = drain_ms < 0;
	int64_t now;

	while (!has_ended(c)) {
		struct pollfd p[] = {
			{ .fd = c->pidfd, .events = POLLIN },
			{ .fd = c->talk, .events = POLLIN },
			{ .fd = stopping ? -1 : v2m_stop_fd(),
			  .events = POLLIN },
		};
		int64_t left;

		now = v2m_mono_ms();
		if (!stopping && v2m_stop_count() > 0) {
			stopping = true;
			if (now + drain_ms < when_ms)
				when_ms = now + drain_ms;
			continue;
		}
		if (drain_ms >= 0 && v2m_stop_count() > 1)
			return false;
		left = when_ms - now;
		if (left <= 0)
			return false;
		/* A second signal does not make the eventfd readable anew. */
		if (c->pidfd < 0)
			left = left < TICK_MS ? left : TICK_MS;
		else if (stopping || left > 1000)
			left = left < 100 ? left : stopping ? 100 : 1000;
		poll(p, 3, (int)left);
		listen_to(c);
	}
	return true;
}

/* End it with all that it started. */
static void
put_down(struct child *c)
{
	kill(-c->pid, SIGTERM);
	ended_by(c, v2m_mono_ms() + TERM_MS, -1);
	if (!c->lost)
		kill(-c->pid, SIGKILL);
	ended_by(c, v2m_mono_ms() + KILL_MS, -1);
}

/* A program may end with anything, and mean nothing by it; but not with what
 * sysexits(3) has for addresses, input and permission. */
static enum v2m_code
code_of_hook(int status)
{
	return (status >= 64 && status <= 68) || status == 77 ?
	    V2M_UNAVAILABLE : V2M_IO;
}

/* A mail program says as well where the trouble is the machine's, or will
 * pass. */
static enum v2m_code
code_of_program(int status)
{
	switch (status) {
	case 71: case 74: case 75: case 78:	/* EX_OSERR EX_IOERR ... */
	case 126: case 127:			/* the shell's: cannot run */
		return V2M_TEMP;
	default:
		return code_of_hook(status);
	}
}

/* What its end says about the notification. */
static int
verdict(struct child *c, const char *name, bool hook, struct v2m_err *err)
{
	enum v2m_code meaning;
	const char *why;
	int code;

	if (c->lost)
		return v2m_err_set(err, V2M_FAILED, "%s: its exit status was "
		    "lost: SIGCHLD is ignored", name);
	why = c->said.line;
	if (WIFSIGNALED(c->status))
		return v2m_err_set(err, V2M_FAILED, "%s died by signal %d%s%s",
		    name, WTERMSIG(c->status), why[0] == '\0' ? "" : ": ",
		    why);
	code = WEXITSTATUS(c->status);
	if (code == 0)
		return 0;
	/* 128 + N is how a shell passes on that its command died. */
	meaning = code > 128 && code <= 192 ? V2M_FAILED :
	    hook ? code_of_hook(code) : code_of_program(code);
	return v2m_err_set(err, meaning, "%s ended with %d%s%s", name, code,
	    why[0] == '\0' ? "" : ": ", why);
}

int
v2m_run(const struct v2m_run *run, const char *name,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	struct child c = { .pidfd = -1, .talk = -1 };
	bool ended;
	int ret;

	if (v2m_stop_count() > 1)
		return v2m_err_set(err, V2M_TEMP, "%s: shutting down", name);
	if (start(&c, run, name, message, err) < 0)
		return -1;
	ended = ended_by(&c, v2m_mono_ms() + run->timeout_ms, run->drain_ms);
	if (!ended)
		put_down(&c);
	waitpid(c.pid, &c.status, WNOHANG);
	listen_to(&c);
	hear_output(&c.said, "\n", 1);
	if (ended)
		ret = verdict(&c, name, run->hook, err);
	else
		ret = v2m_err_set(err, V2M_FAILED, "%s %s, and was killed%s%s",
		    name, v2m_stop_count() > 0 ? "was still running at "
		    "shutdown" : "took longer than notify_timeout",
		    c.said.line[0] == '\0' ? "" : ": ", c.said.line);
	if (c.talk >= 0)
		close(c.talk);
	if (c.pidfd >= 0)
		close(c.pidfd);
	return ret;
}
