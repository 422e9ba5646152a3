/* Prompts for passwords: v2m-user and v2m-login on pseudo-terminals, with
 * answers as a person would type them. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "auth/token.h"
#include "auth/users.h"
#include "base/clock.h"
#include "store/store.h"
#include "tap.h"

#define PATIENCE_MS 20000

static char folder[] = "/tmp/v2m-prompt.XXXXXX";
static char bin[PATH_MAX];

/* A command on a pseudo-terminal, and its output. */
struct session {
	pid_t pid;
	int fd;
	char text[8192];
	size_t n, seen;	/* output that was waited for ends at `seen` */
};

static void
start(struct session *s, const char *command, const char *const *args)
{
	char path[PATH_MAX + 32];

	memset(s, 0, sizeof *s);
	snprintf(path, sizeof path, "%s/%s", bin, command);
	s->pid = forkpty(&s->fd, NULL, NULL, NULL);
	if (s->pid == 0) {
		execv(path, (char *const *)(uintptr_t)args);
		_exit(99);
	}
}

/* Read on until words appear.  false: the output ended, or a timeout. */
static bool
wait_for(struct session *s, const char *words)
{
	int64_t until = v2m_mono_ms() + PATIENCE_MS;

	for (;;) {
		char *at = strstr(s->text + s->seen, words);
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		ssize_t got;

		if (at != NULL) {
			s->seen = (size_t)(at - s->text) + strlen(words);
			return true;
		}
		if (v2m_mono_ms() > until || s->n == sizeof s->text - 1 ||
		    poll(&p, 1, PATIENCE_MS) <= 0)
			return false;
		got = read(s->fd, s->text + s->n, sizeof s->text - 1 - s->n);
		if (got <= 0)
			return false;
		s->n += (size_t)got;
		s->text[s->n] = '\0';
	}
}

static void
answer(struct session *s, const char *line)
{
	ok(write(s->fd, line, strlen(line)) == (ssize_t)strlen(line),
	    "the prompt takes a line");
}

/* Wait for its end.  Returns its exit status, or 128 + signal. */
static int
finish(struct session *s)
{
	int status;

	wait_for(s, "\001 never comes \001");
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(s->fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static const char *const add_ann[] = { "v2m-user", "add", "ann@example.org",
	NULL };
static const char *const login_ann[] = { "v2m-login", "ann@example.org",
	NULL };

static void
test_add(void)
{
	struct session s;

	start(&s, "v2m-user", add_ann);
	ok(wait_for(&s, "new password for ann@example.org: "), "add asks");
	answer(&s, "correct horse\n");
	ok(wait_for(&s, "the same again: "),
	    "a new password is asked for twice");
	answer(&s, "correct house\n");
	ok(wait_for(&s, "the two passwords differ"), "sees a difference");
	ok(finish(&s) == V2M_USAGE, "exits with 64");

	start(&s, "v2m-user", add_ann);
	wait_for(&s, "new password for ann@example.org: ");
	answer(&s, "correct horse\n");
	wait_for(&s, "the same again: ");
	answer(&s, "correct horse\n");
	ok(wait_for(&s, "added ann@example.org"), "takes two equal ones");
	ok(finish(&s) == 0, "exits with 0");
	ok(strstr(s.text, "horse") == NULL, "nothing was echoed");

	start(&s, "v2m-user", add_ann);
	ok(finish(&s) == V2M_CANTCREATE && strstr(s.text, "password") == NULL,
	    "who is there is not asked for");
}

static void
test_login(void)
{
	struct session s;

	start(&s, "v2m-login", login_ann);
	ok(wait_for(&s, "password for ann@example.org: "), "login asks");
	answer(&s, "correct horse\n");
	ok(wait_for(&s, "logged in as ann@example.org"), "and lets in");
	ok(finish(&s) == 0, "exits with 0");
	ok(strstr(s.text, "horse") == NULL, "nothing was echoed");
	ok(strstr(s.text, "eyJ") == NULL, "no token was shown");

	start(&s, "v2m-login", login_ann);
	wait_for(&s, "password for ann@example.org: ");
	answer(&s, "wrong\n");
	ok(wait_for(&s, "invalid credentials"), "a wrong one is refused");
	ok(finish(&s) == V2M_DENIED, "exits with 77");

	start(&s, "v2m-login", login_ann);
	wait_for(&s, "password for ann@example.org: ");
	answer(&s, "\n");
	ok(finish(&s) == V2M_USAGE, "an empty line is no password");
}

static void
test_interrupt(void)
{
	struct termios before, after;
	struct session s;
	int master, slave, status;

	/* On a terminal that stays open after the command, to look at its echo
	 * flag. */
	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return;
	tcgetattr(slave, &before);
	memset(&s, 0, sizeof s);
	s.fd = master;
	s.pid = fork();
	if (s.pid == 0) {
		char path[PATH_MAX + 32];

		snprintf(path, sizeof path, "%s/v2m-login", bin);
		close(master);
		login_tty(dup(slave));
		execv(path, (char *const *)(uintptr_t)login_ann);
		_exit(99);
	}
	ok(wait_for(&s, "password for ann@example.org: "), "asks again");
	answer(&s, "half\003");
	while (waitpid(s.pid, &status, 0) < 0 && errno == EINTR)
		;
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT,
	    "^C ends it, by the signal");
	tcgetattr(slave, &after);
	ok((before.c_lflag & ECHO) != 0 && before.c_lflag == after.c_lflag,
	    "the echo is back");
	close(slave);
	close(s.fd);
}

static bool
set_up(void)
{
	struct v2m_conf conf;
	struct v2m_err err;
	bool made, good;
	ssize_t n = readlink("/proc/self/exe", bin, sizeof bin - 16);
	char *slash;

	if (n < 0 || mkdtemp(folder) == NULL)
		return false;
	bin[n] = '\0';
	slash = strrchr(bin, '/');
	snprintf(slash, sizeof bin - (size_t)(slash - bin), "/../bin");
	clearenv();
	setenv("HOME", folder, 1);
	setenv("V2M_STATE", folder, 1);
	setenv("V2M_CONFIG", "/dev/null", 1);
	if (v2m_conf_load(&conf, NULL, NULL, &err) < 0)
		return false;
	good = v2m_users_init(&conf, &err) == 0 &&
	    v2m_store_init(&conf, &err) == 0 &&
	    v2m_token_make_secret(v2m_conf_text(&conf, "jwt_secret_file"),
	    &made, &err) == 0;
	v2m_conf_release(&conf);
	return good;
}

int
main(void)
{
	static const char *const remove[] = { "rm", "-rf", folder, NULL };
	char path[PATH_MAX + 32];

	if (!set_up())
		return 99;
	snprintf(path, sizeof path, "%s/v2m-login", bin);
	if (access(path, X_OK) < 0) {
		printf("1..0 # skip %s is not built\n", path);
	} else {
		test_add();
		test_login();
		test_interrupt();
		tap_done();
	}
	fflush(stdout);
	if (fork() == 0) {
		execv("/bin/rm", (char *const *)(uintptr_t)remove);
		_exit(99);
	}
	wait(NULL);
	return tap_failures != 0;
}
