/* mailer.c - what every driver of delivery must do: mailer [URL].
 *
 * Runs on exec: and sendmail: with small programs made here, and on the URL of
 * a mail server, given as the argument or in V2M_TEST_NOTIFY.  The recipient
 * selects a failure: later@, never@, dies@, hangs@ (see PLAY and
 * tests/lib/server-smtp.py).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "mail/private.h"
#include "tap.h"

#define ID "0123456789abcdef01234567"
#define MP3 "fedcba98765432100fedcba9"

static const char *const warnings[] = { "truncated: 20 s of 60 s", "two",
	NULL };
static char dir[64];

static struct v2m_notification
notification(bool done)
{
	return (struct v2m_notification){ .id = ID, .to = "ann@example.org",
		.name = "a \"b\"\n$(touch pwned)`touch pwned`.mp4",
		.mp3_name = "a b.mp3", .mp3 = done ? MP3 : "",
		.mp3_length = 1234567, .duration_ms = 65499,
		.warnings = warnings, .reason = done ? "" : "no sound in it",
		.generation = 1 };
}

/* Under valgrind a command takes a second to start. */
static bool
slowly(void)
{
	return getenv("V2M_TEST_VALGRIND") != NULL;
}

static struct v2m_mailer *
open_mailer(struct v2m_conf *conf, const char *notify, const char *timeout,
    struct v2m_err *err)
{
	const struct v2m_conf_override o[] = {
		{ "notify", notify }, { "mail_from", "v2m@example.org" },
		{ "notify_timeout", timeout },
		{ "drain_timeout", slowly() ? "5s" : "300ms" },
		{ NULL, NULL }
	};
	struct v2m_mailer *m;

	if (v2m_conf_load(conf, NULL, o, err) < 0)
		return NULL;
	m = v2m_mailer_open(conf, err);
	if (m == NULL)
		v2m_conf_release(conf);
	return m;
}

/* Open, compose, send, close.  Returns the code of the outcome, with err's
 * message. */
static int
deliver_in(const char *notify, const char *timeout, bool done,
    struct v2m_err *err)
{
	struct v2m_notification n = notification(done);
	struct v2m_mail_message text;
	struct v2m_mailer *m;
	struct v2m_conf conf;
	int code = V2M_OK;

	err->msg[0] = '\0';
	m = open_mailer(&conf, notify, timeout, err);
	if (m == NULL)
		return (int)err->code;
	if (v2m_mail_compose(&conf, &n, &text, err) < 0) {
		code = (int)err->code;
	} else {
		if (v2m_mailer_send(m, &n, &text, err) < 0)
			code = (int)err->code;
		v2m_mail_message_release(&text);
	}
	v2m_mailer_close(m);
	v2m_conf_release(&conf);
	return code;
}

static int
deliver(const char *notify, struct v2m_err *err)
{
	return deliver_in(notify, "30s", true, err);
}

/* The whole file; the caller frees it. */
static char *
slurp(const char *path)
{
	char *buf = calloc(1, 65536);
	int fd = open(path, O_RDONLY);

	if (fd >= 0 && buf != NULL && read(fd, buf, 65535) < 0)
		buf[0] = '\0';
	close(fd);
	return buf;
}

static void
write_script(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0 || dprintf(fd, "#!/bin/sh\n%s\n", text) < 0)
		give_up("cannot write a script");
	close(fd);
}

/* Does the output of `env` in a command have this line? */
static bool
has_line(const char *text, const char *line)
{
	size_t n = strlen(line);
	const char *at = text;

	while ((at = strstr(at, line)) != NULL) {
		if ((at == text || at[-1] == '\n') && at[n] == '\n')
			return true;
		at++;
	}
	printf("# no line: %s\n", line);
	return false;
}

static void
test_open(void)
{
	static const struct {
		const char *notify;
		enum v2m_code code;
		const char *says;
	} bad[] = {
		{ "pigeon:coop", V2M_CONFIG, "unknown scheme 'pigeon'" },
		{ "exec:", V2M_CONFIG, "without a command" },
		{ "exec:   ", V2M_CONFIG, "without a command" },
		{ "sendmail:/no/such/program", V2M_CONFIG, "No such file" },
		{ "sendmail:/etc/passwd", V2M_CONFIG, "Permission denied" },
		{ "sendmail:/tmp", V2M_CONFIG, "Permission denied" },
		{ "sendmail:msmtp", V2M_CONFIG, "not the absolute path" },
		{ "log:notices", V2M_CONFIG, "not the absolute path" },
		{ "log:/no/such/folder/x", V2M_CANTCREATE, "No such file" },
	};
	struct v2m_conf conf;
	struct v2m_err err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!ok(open_mailer(&conf, bad[i].notify, "1s", &err) ==
		    NULL && err.code == bad[i].code &&
		    strstr(err.msg, bad[i].says) != NULL, bad[i].notify))
			printf("# %d %s\n", (int)err.code, err.msg);
	ok(open_mailer(&conf, "log:", "never", &err) == NULL &&
	    err.code == V2M_CONFIG, "a notice without a limit of time");
	v2m_mailer_close(NULL);
}

static void
test_log(void)
{
	char url[128], *text;
	struct v2m_err err;
	struct stat st;

	snprintf(url, sizeof url, "log:%s/notices", dir);
	ok(deliver(url, &err) == V2M_OK, "a notice into a file");
	ok(deliver_in(url, "30s", false, &err) == V2M_OK, "and another");
	text = slurp("notices");
	ok(strstr(text, "Z job=" ID " event=notice outcome=done "
	    "to=ann@example.org mp3=" MP3 " bytes=1234567 duration_ms=65499 "
	    "warnings=\"truncated: 20 s of 60 s; two\" "
	    "name=\"a \\\"b\\\"?$(touch pwned)`touch pwned`.mp4\"\n") != NULL,
	    "the first line");
	ok(strstr(text, " event=notice outcome=failed to=ann@example.org "
	    "reason=\"no sound in it\" ") != NULL, "the second");
	ok(stat("notices", &st) == 0 && (st.st_mode & 07) == 0,
	    "not for everybody's eyes");
	free(text);
	ok(deliver("log:/dev/null", &err) == V2M_OK, "a device will do");
	ok(deliver("log:/dev/full", &err) == V2M_TEMP, "a full disk will not");
	snprintf(url, sizeof url, "log:%s/fifo", dir);
	ok(mkfifo("fifo", 0600) == 0 && deliver(url, &err) != V2M_OK,
	    "a pipe that nobody reads does not hold us");
}

/* log: writes an event on stderr. */
static void
test_log_stderr(void)
{
	int saved = dup(STDERR_FILENO);
	int fd = open("stderr", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct v2m_err err;
	char *text;
	int code;

	dup2(fd, STDERR_FILENO);
	code = deliver("log:", &err);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	text = slurp("stderr");
	ok(code == V2M_OK && strstr(text, "job=" ID " event=notice "
	    "outcome=done") != NULL, "a notice on stderr");
	free(text);
}

static void
test_exec_statuses(void)
{
	static const struct {
		const char *notify;
		enum v2m_code code;
		const char *says;
	} all[] = {
		{ "exec:true", V2M_OK, "" },
		{ "exec:cat >/dev/null", V2M_OK, "" },
		{ "exec:exec <&-; exit 0", V2M_OK, "" },
		{ "exec:exec 2>&-; exit 0", V2M_OK, "" },
		{ "exec:echo one >&2; printf 'two\\n\\n' >&2; exit 1",
		    V2M_IO, "ended with 1: two" },
		{ "exec:printf 'no end' >&2; exit 2", V2M_IO,
		    "ended with 2: no end" },
		{ "exec:printf 'a\\033[2Jb\\n' >&2; exit 2", V2M_IO,
		    "a?[2Jb" },
		{ "exec:exit 64", V2M_UNAVAILABLE, "ended with 64" },
		{ "exec:exit 68", V2M_UNAVAILABLE, "ended with 68" },
		{ "exec:exit 77", V2M_UNAVAILABLE, "ended with 77" },
		{ "exec:exit 69", V2M_IO, "ended with 69" },
		{ "exec:exit 255", V2M_IO, "ended with 255" },
		{ "exec:echo later >&2; exit 75", V2M_IO, "75: later" },
		{ "exec:exit 78", V2M_IO, "ended with 78" },
		{ "exec:no-such-command-anywhere", V2M_IO, "not found" },
		{ "exec:/etc/passwd", V2M_IO, "ended with 126" },
		{ "exec:kill -9 $$", V2M_FAILED, "died by signal 9" },
		{ "exec:sh -c 'kill -9 $$'; exit $?", V2M_FAILED,
		    "ended with 137" },
		{ "exec:yes | head -n 200000 >&2; exit 3", V2M_IO,
		    "ended with 3: y" },
	};
	struct v2m_err err;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (!ok(deliver(all[i].notify, &err) == (int)all[i].code &&
		    strstr(err.msg, all[i].says) != NULL, all[i].notify))
			printf("# %d %s\n", (int)err.code, err.msg);
}

static void
test_exec_facts(void)
{
	static const char *const lines[] = {
		"V2M_ID=" ID, "V2M_TO=ann@example.org",
		"V2M_FROM=v2m@example.org", "V2M_SUBJECT=MP3 Download",
		"V2M_MESSAGE_ID=<" ID ".1.done@example.org>",
		"V2M_OUTCOME=done", "V2M_MP3=" MP3, "V2M_MP3_NAME=a b.mp3",
		"V2M_NAME=a \"b\"?$(touch pwned)`touch pwned`.mp4",
		"V2M_DURATION=65", "V2M_SIZE=1234567", "V2M_REASON=",
		"V2M_WARNINGS=truncated: 20 s of 60 s; two", "KEPT=yes",
		"V2M_STORE=mongodb://db:27017/", NULL
	};
	struct v2m_err err;
	size_t i;
	char *text;

	setenv("KEPT", "yes", 1);
	setenv("V2M_NAME", "stale", 1);
	setenv("V2M_TOKEN", "sesame", 1);
	setenv("V2M_USERS_PASSWORD_FILE", "/sesame", 1);
	setenv("DB_PASSWORD", "sesame", 1);
	setenv("V2M_QUEUE_TEST", "amqp://me:sesame@host/", 1);
	setenv("V2M_STORE", "mongodb://db:27017/", 1);
	ok(deliver("exec:env > facts; cat > message", &err) == V2M_OK,
	    "a command sees");
	unsetenv("V2M_STORE");
	text = slurp("facts");
	for (i = 0; lines[i] != NULL; i++)
		ok(has_line(text, lines[i]), lines[i]);
	ok(strstr(text, "stale") == NULL, "no fact of another notice");
	ok(strstr(text, "sesame") == NULL, "and no secret");
	free(text);
	text = slurp("message");
	ok(strstr(text, "\nSubject: MP3 Download\n") != NULL &&
	    strstr(text, "\nmp3 file_id: " MP3 " is now ready!\n") != NULL &&
	    strchr(text, '\r') == NULL, "the message is on its stdin, with LF");
	free(text);
	ok(deliver("exec:test \"$V2M_NAME\" != x; echo $V2M_NAME", &err) ==
	    V2M_OK, "a name is data, in quotes or not");
}

/* A command must not inherit our descriptors. */
static void
test_exec_descriptors(void)
{
	int leak = open("/etc/passwd", O_RDONLY);	/* no O_CLOEXEC */
	struct v2m_err err;
	char *text;

	ok(leak >= 3 && deliver("exec:sleep 0; ls -l /proc/$$/fd > fds; :",
	    &err) == V2M_OK, "a command with descriptors");
	close(leak);
	text = slurp("fds");
	ok(strstr(text, "passwd") == NULL, "gets none of ours");
	ok(strstr(text, " -> /dev/null\n") != NULL, "its stdout goes nowhere");
	free(text);
	ok(deliver("exec:sh -c 'exec </dev/tty' 2>/dev/null && exit 1; exit 0",
	    &err) == V2M_OK, "and has no terminal to ask on");
}

static bool
gone(const char *pid_file)
{
	char *text = slurp(pid_file);
	pid_t pid = (pid_t)atol(text);
	int i;

	free(text);
	if (pid <= 0)
		return false;
	/* A killed process may stay a zombie until init reaps it. */
	for (i = 0; i < 1500; i++) {
		char path[64], state[512];

		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		text = slurp(path);
		snprintf(state, sizeof state, "%s", text);
		free(text);
		if (kill(pid, 0) < 0 || strstr(state, ") Z") != NULL)
			return true;
		usleep(20000);
	}
	return false;
}

/* A command that says "slow", once it has begun, and hangs: where the machine
 * stood still, it was killed before that, and comes again. */
static int
hangs(const char *notify, const char *timeout, struct v2m_err *err)
{
	int i, code = V2M_OK;

	for (i = 0; i < 5; i++) {
		code = deliver_in(notify, timeout, true, err);
		if (strstr(err->msg, "slow") != NULL)
			break;
	}
	return code;
}

static void
test_exec_hangs(void)
{
	int64_t begun = v2m_mono_ms();
	struct v2m_err err;

	ok(hangs("exec:sleep 60 & echo $! > pid; echo slow >&2; wait", "300ms",
	    &err) == V2M_FAILED && strstr(err.msg, "longer than notify_timeout,"
	    " and was killed: slow") != NULL, "a command that hangs is killed");
	ok(v2m_mono_ms() - begun < 40000, "when its time is over");
	ok(gone("pid"), "with what it started");
	begun = v2m_mono_ms();
	ok(hangs("exec:trap '' TERM; sleep 60 & echo $! > pid; "
	    "echo slow >&2; while :; do sleep 1; done", "200ms", &err) ==
	    V2M_FAILED, "and one that does not hear SIGTERM");
	ok(v2m_mono_ms() - begun < 40000 && gone("pid"),
	    "what ignores SIGTERM is killed in time");
	begun = v2m_mono_ms();
	ok(deliver("exec:sleep 60 & echo $! > pid", &err) == V2M_OK &&
	    v2m_mono_ms() - begun < 40000,
	    "what a command leaves behind does not hold us");
	ok(deliver("exec:kill $(cat pid)", &err) == V2M_OK,
	    "and is left alone");
}

static void
test_sendmail(void)
{
	char url[160], script[128], *text;
	struct v2m_err err;

	snprintf(script, sizeof script, "%s/mail program", dir);
	snprintf(url, sizeof url, "sendmail:%s", script);
	write_script(script, "for a; do echo \"[$a]\"; done > args\n"
	    "env > facts; cat > message");
	ok(deliver(url, &err) == V2M_OK, "a mail program takes a notice");
	text = slurp("args");
	is(text, "[-i]\n[-f]\n[v2m@example.org]\n[--]\n[ann@example.org]\n",
	    "its arguments");
	free(text);
	text = slurp("message");
	ok(strstr(text, "\nTo: ann@example.org\n") != NULL &&
	    strchr(text, '\r') == NULL, "the message");
	free(text);
	text = slurp("facts");
	ok(strstr(text, "sesame") == NULL && strstr(text, "V2M_ID=") == NULL,
	    "no secret");
	free(text);
	write_script(script, "echo 'no route' >&2; exit 75");
	ok(deliver(url, &err) == V2M_TEMP &&
	    strstr(err.msg, "ended with 75: no route") != NULL, "75: later");
	write_script(script, "echo 'user unknown' >&2; exit 67");
	ok(deliver(url, &err) == V2M_UNAVAILABLE &&
	    strstr(err.msg, "user unknown") != NULL, "67: never");
	write_script(script, "exit 69");
	ok(deliver(url, &err) == V2M_IO, "69: nobody knows why not");
	write_script(script, "kill -KILL $$");
	ok(deliver(url, &err) == V2M_FAILED, "death: nobody knows");
	ok(deliver_in(url, "30s", false, &err) == V2M_FAILED,
	    "a second failure in a row");
}

/* The same recipients as in the tests' mail server. */
#define PLAY "case $to in " \
	"later@*) echo 'try again later' >&2; exit 75 ;; " \
	"never@*) echo 'no such user' >&2; exit 67 ;; " \
	"dies@*) kill -9 $$ ;; " \
	"hangs@*) exec sleep 60 ;; " \
	"*) cat > /dev/null ;; esac"

/* One mailer for all messages, as in a notifier. */
static struct v2m_mailer *mailer;
static struct v2m_conf mailer_conf;

static int
tell(const char *to, struct v2m_err *err)
{
	struct v2m_notification n = notification(true);
	struct v2m_mail_message text;
	int code = V2M_OK;

	n.to = to;
	err->msg[0] = '\0';
	if (v2m_mail_compose(&mailer_conf, &n, &text, err) < 0)
		return (int)err->code;
	if (v2m_mailer_send(mailer, &n, &text, err) < 0)
		code = (int)err->code;
	v2m_mail_message_release(&text);
	return code;
}

static void
told(const char *to, enum v2m_code code, const char *words)
{
	struct v2m_err err;
	int got = tell(to, &err);

	if (!ok(got == (int)code && strstr(err.msg, words) != NULL, to))
		printf("# %d %s\n", got, err.msg);
}

static void
mailer_end(void)
{
	v2m_mailer_close(mailer);
	v2m_conf_release(&mailer_conf);
}

/* With little time: a machine that stands still may take it. */
static void
comes_through(const char *to)
{
	struct v2m_err err;
	int i, code = V2M_FAILED;

	for (i = 0; i < 5 && code == V2M_FAILED; i++)
		code = tell(to, &err);
	if (!ok(code == V2M_OK, to))
		printf("# %d %s\n", code, err.msg);
}

static bool
begin_contract(const char *url, const char *timeout)
{
	struct v2m_err err;

	mailer = open_mailer(&mailer_conf, url, timeout, &err);
	if (ok(mailer != NULL, url))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static void
test_contract(const char *url)
{
	bool hook = strncmp(url, "exec:", 5) == 0;
	int64_t begun;

	if (!begin_contract(url, "60s"))
		return;
	told("ok@example.org", V2M_OK, "");
	/* A command's exit status does not say that exactly. */
	told("later@example.org", hook ? V2M_IO : V2M_TEMP, "try again later");
	told("never@example.org", strncmp(url, "smtp", 4) == 0 ? V2M_DATA :
	    V2M_UNAVAILABLE, "no such user");
	told("ok+2@example.org", V2M_OK, "");
	told("dies@example.org", V2M_FAILED, "");
	told("ok+3@example.org", V2M_OK, "");
	told("nobody", V2M_DATA, "not an e-mail address");
	told("a@b@example.org", V2M_DATA, "not an e-mail address");
	told("a@example.org>\r\nRCPT TO:<b@example.org", V2M_DATA,
	    "not an e-mail address");
	told("ok+4@example.org", V2M_OK, "");
	mailer_end();
	begun = v2m_mono_ms();
	if (!begin_contract(url, slowly() ? "9s" : "900ms"))
		return;
	comes_through("ok+5@example.org");
	told("hangs@example.org", V2M_FAILED, "");
	comes_through("ok+6@example.org");
	mailer_end();
	ok(v2m_mono_ms() - begun < (slowly() ? 120000 : 60000),
	    "all of it in bounded time");
}

static const char *drain_url;

/* Runs in a process of its own: stopping cannot be undone. */
static int
drain_contract(void)
{
	int64_t begun = v2m_mono_ms();
	int i, code = V2M_FAILED;
	struct v2m_err err;

	mailer = open_mailer(&mailer_conf, drain_url, "60s", &err);
	if (mailer == NULL || v2m_stop_init(&err) < 0)
		return 1;
	v2m_stop_now();
	if (tell("hangs@example.org", &err) != V2M_FAILED ||
	    v2m_mono_ms() - begun > 40000 ||
	    strstr(err.msg, "at shutdown") == NULL)
		return 2;
	for (i = 0; i < 5 && code != V2M_OK; i++)
		code = tell("ok@example.org", &err);
	if (code != V2M_OK)
		return 3;
	v2m_stop_now();
	if (tell("ok@example.org", &err) != V2M_TEMP)
		return 4;
	mailer_end();
	return 0;
}

/* Runs in a process of its own: stopping cannot be undone. */
static int
drain(void)
{
	int64_t begun = v2m_mono_ms();
	struct v2m_err err;
	int code, i;

	if (v2m_stop_init(&err) < 0)
		return 1;
	v2m_stop_now();
	code = deliver("exec:sleep 60", &err);
	if (code != V2M_FAILED || v2m_mono_ms() - begun > 40000 ||
	    strstr(err.msg, "at shutdown") == NULL)
		return 2;
	for (i = 0; i < 5 && code != V2M_OK; i++)
		code = deliver("exec:cat >/dev/null", &err);
	if (code != V2M_OK)
		return 3;
	v2m_stop_now();
	return deliver("exec:touch late", &err) == V2M_TEMP &&
	    access("late", F_OK) < 0 ? 0 : 4;
}

static int
without_stdio(void)
{
	struct v2m_err err;
	char *text;
	bool good;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	if (deliver("exec:cat > bare; echo x >&2", &err) != V2M_OK)
		return 1;
	text = slurp("bare");
	good = strstr(text, "Subject: ") != NULL;
	free(text);
	return good ? 0 : 2;
}

static int
without_status(void)
{
	struct v2m_err err;

	signal(SIGCHLD, SIG_IGN);
	return deliver("exec:true", &err) == V2M_FAILED &&
	    strstr(err.msg, "SIGCHLD") != NULL ? 0 : 1;
}

static void
in_child(int (*run)(void), const char *what)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, what))
		printf("# status %#x\n", (unsigned)status);
}

/* The contract, for each way of delivery that can refuse. */
static void
test_ways(const char *server)
{
	char script[128], url[160];
	const char *urls[] = { "exec:to=$V2M_TO; " PLAY, url, server };
	size_t i;

	snprintf(script, sizeof script, "%s/play", dir);
	snprintf(url, sizeof url, "sendmail:%s", script);
	write_script(script, "for to; do :; done\n" PLAY);
	for (i = 0; i < 3 && urls[i] != NULL; i++) {
		test_contract(urls[i]);
		drain_url = urls[i];
		in_child(drain_contract, "a shutdown cuts it short");
	}
}

int
main(int argc, char **argv)
{
	const char *server = argc > 1 ? argv[1] : getenv("V2M_TEST_NOTIFY");
	char command[128];

	setenv("V2M_CONFIG", "/dev/null", 1);
	v2m_log_init("mailer", 0);
	snprintf(dir, sizeof dir, "/tmp/v2m-mailer-XXXXXX");
	if (mkdtemp(dir) == NULL || chdir(dir) < 0)
		give_up("no temporary folder");
	test_open();
	test_log();
	test_log_stderr();
	test_exec_statuses();
	test_exec_facts();
	test_exec_descriptors();
	test_exec_hangs();
	test_sendmail();
	test_ways(server);
	in_child(drain, "SIGTERM cuts a command short, the second at once");
	in_child(without_stdio, "with stdin, stdout and stderr closed");
	in_child(without_status, "with SIGCHLD ignored: nobody knows");
	ok(access("pwned", F_OK) < 0, "no name was ever a command");
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (chdir("/") < 0 || system(command) != 0)
		printf("# could not remove %s\n", dir);
	return tap_done();
}
