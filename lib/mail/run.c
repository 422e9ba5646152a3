/* Runs a program that takes a message, with a time limit. */
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

#define TICK_MS 20		/* if there is no pidfd_open(2) (Linux 5.3) */
#define TERM_MS 1000		/* from SIGTERM to SIGKILL */
#define KILL_MS 5000		/* from SIGKILL until we stop waiting */

/* The last line that is not empty, of what a program writes. */
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
	bool lost;		/* its status cannot be read */
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

/* Read what the program wrote to stderr.  Only so much at a time: one that
 * writes without end must not keep us from checking the time. */
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

/* Move a descriptor above 2.  The child needs the numbers 0 to 2; one of ours
 * can have such a number if this process was started without a stdin. */
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

/* The message in a file without a name, with LF in place of CRLF.  A file, not
 * a pipe: it can be written at once, even if the program never reads it. */
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
	/* A session of its own: the program has no terminal to ask on, Ctrl-C
	 * does not reach it, and one process group can be killed. */
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

/* Has it ended?  It is not reaped here: until it is, no other process or
 * process group can get its number. */
static bool
has_ended(struct child *c)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == 0)
		return info.si_pid == c->pid;
	/* If SIGCHLD is ignored, its status cannot be read. */
	c->lost = errno == ECHILD;
	return c->lost;
}

/* Wait until it ends, at most until when_ms, and read its stderr meanwhile.
 * drain_ms >= 0: the longest wait after this process got SIGTERM. */
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
		/* A second signal does not wake poll(2) again. */
		if (c->pidfd < 0)
			left = left < TICK_MS ? left : TICK_MS;
		else if (stopping || left > 1000)
			left = left < 100 ? left : stopping ? 100 : 1000;
		poll(p, 3, (int)left);
		listen_to(c);
	}
	return true;
}

/* Kill it and all that it started. */
static void
put_down(struct child *c)
{
	kill(-c->pid, SIGTERM);
	ended_by(c, v2m_mono_ms() + TERM_MS, -1);
	if (!c->lost)
		kill(-c->pid, SIGKILL);
	ended_by(c, v2m_mono_ms() + KILL_MS, -1);
}

/* Most exit statuses of a command mean nothing to us.  Only those that
 * sysexits(3) has for addresses, input and permission do. */
static enum v2m_code
code_of_hook(int status)
{
	return (status >= 64 && status <= 68) || status == 77 ?
	    V2M_UNAVAILABLE : V2M_IO;
}

/* A mail program also has statuses for errors of the machine, and for those
 * that pass. */
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

/* The result of the notification, by how the program ended. */
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
	/* A shell ends with 128 + N if signal N killed its command. */
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
