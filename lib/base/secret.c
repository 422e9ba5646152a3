#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/owner.h"

#define SECRET_FILE_MAX (64 * 1024)
#define PASSWORD_MAX 1024
#define KEPT_MOST 32

/* The message has the command that changes the mode; for a user who may not do
 * that, the mode that is needed. */
static int
refuse_mode(const char *path, const struct stat *st, bool read, bool group_may,
    struct v2m_err *err)
{
	const char *what = read ? "read" : "changed";
	char name[V2M_OWNER_NAME];

	if (geteuid() == 0 || st->st_uid == geteuid())
		return v2m_err_set(err, V2M_CONFIG,
		    "'%s' can be %s by others: chmod %s '%s'", path, what,
		    group_may || st->st_uid == 0 ? "o=,g-w" : "600", path);
	v2m_owner_name(name, geteuid());
	return v2m_err_set(err, V2M_CONFIG, "'%s' belongs to root and can be "
	    "%s by others: it needs mode 0640 and a group that %s is in",
	    path, what, name);
}

int
v2m_secret_check(int fd, const char *path, bool group_may, struct v2m_err *err)
{
	mode_t bad;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_CONFIG, "cannot look at '%s'",
		    path);
	if (!S_ISREG(st.st_mode))
		return 0;	/* a pipe from <(...): nobody else reads it */
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return v2m_owner_refuse(err, V2M_CONFIG, path, st.st_uid,
		    st.st_gid);
	/* A file of root may be readable by its group: systemd and Kubernetes
	 * pass credentials in this way. */
	bad = group_may || st.st_uid == 0 ? S_IWGRP | S_IRWXO :
	    S_IRWXG | S_IRWXO;
	if ((st.st_mode & bad) != 0)
		return refuse_mode(path, &st, (st.st_mode & bad &
		    (S_IRGRP | S_IROTH)) != 0, group_may, err);
	return 0;
}

int
v2m_secret_check_public(int fd, const char *path, struct v2m_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_CONFIG, "cannot look at '%s'",
		    path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return v2m_owner_refuse(err, V2M_CONFIG, path, st.st_uid,
		    st.st_gid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return v2m_err_set(err, V2M_CONFIG, "'%s' can be changed by "
		    "others: it has to be of mode 0644", path);
	return 0;
}

static char *
read_small(int fd, const char *path, size_t *n, struct v2m_err *err)
{
	char *buf = malloc(SECRET_FILE_MAX + 1);
	size_t have = 0;
	ssize_t got;

	if (buf == NULL) {
		v2m_err_sys(err, V2M_TEMP, "'%s'", path);
		return NULL;
	}
	while (have <= SECRET_FILE_MAX &&
	    (got = read(fd, buf + have, SECRET_FILE_MAX + 1 - have)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
			goto fail;
		}
		have += (size_t)got;
	}
	if (have > SECRET_FILE_MAX) {
		v2m_err_set(err, V2M_CONFIG, "'%s' is too large", path);
		goto fail;
	}
	buf[have] = '\0';
	if (n != NULL)
		*n = have;
	return buf;
fail:
	explicit_bzero(buf, SECRET_FILE_MAX + 1);
	free(buf);
	return NULL;
}

/* The files that v2m_secret_keep() read, before there were threads. */
static struct {
	char *path, *bytes;
	size_t n;
} kept[KEPT_MOST];
static size_t nkept;

void
v2m_secret_keep(const char *path)
{
	struct v2m_err err;
	size_t n;
	char *bytes;

	if (path[0] == '\0' || strcmp(path, "-") == 0 || nkept == KEPT_MOST ||
	    (bytes = v2m_secret_file(path, &n, &err)) == NULL)
		return;
	kept[nkept].path = strdup(path);
	kept[nkept].bytes = bytes;
	kept[nkept].n = n;
	if (kept[nkept].path != NULL)
		nkept++;
	else
		v2m_secret_free(bytes);
}

/* A copy of the bytes that were kept for path; NULL: there are none. */
static char *
recall(const char *path, size_t *n)
{
	char *copy;
	size_t i;

	for (i = 0; i < nkept && strcmp(kept[i].path, path) != 0; i++)
		;
	copy = i < nkept ? malloc(kept[i].n + 1) : NULL;
	if (copy == NULL)
		return NULL;
	memcpy(copy, kept[i].bytes, kept[i].n + 1);
	if (n != NULL)
		*n = kept[i].n;
	return copy;
}

char *
v2m_secret_file(const char *path, size_t *n, struct v2m_err *err)
{
	char *buf = recall(path, n);
	int fd;

	if (buf != NULL)
		return buf;
	if (strcmp(path, "-") == 0)
		return read_small(STDIN_FILENO, "stdin", n, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		v2m_err_sys(err, errno == ENOENT || errno == ENOTDIR ?
		    V2M_NOINPUT : V2M_CONFIG,
		    "cannot open the file '%s'", path);
		return NULL;
	}
	if (v2m_secret_check(fd, path, false, err) == 0)
		buf = read_small(fd, path, n, err);
	close(fd);
	return buf;
}

char *
v2m_secret_line(const char *path, struct v2m_err *err)
{
	size_t n, len;
	char *s = v2m_secret_file(path, &n, err);

	if (s == NULL)
		return NULL;
	if (strcmp(path, "-") == 0)
		path = "stdin";
	len = strcspn(s, "\r\n");
	if (len == 0 || len > PASSWORD_MAX || memchr(s, '\0', n) != NULL) {
		v2m_err_set(err, V2M_CONFIG, len == 0 ?
		    "'%s' holds no password in its first line" :
		    "'%s' holds no password: too long or not text", path);
		explicit_bzero(s, n);
		free(s);
		return NULL;
	}
	explicit_bzero(s + len, n - len);
	return s;
}

char *
v2m_secret_option(const char *path, struct v2m_err *err)
{
	struct stat st;

	if (geteuid() != 0 || strcmp(path, "-") == 0 || stat(path, &st) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_uid == 0)
		return v2m_secret_line(path, err);
	v2m_err_set(err, V2M_CONFIG, "'%s' does not belong to root: pass it "
	    "as --password-file - < '%s'", path, path);
	return NULL;
}

/* The terminal's settings before a prompt switched the echo off, to be restored
 * if a signal ends the program at the prompt. */
static struct termios before;
static volatile sig_atomic_t prompt_fd = -1;

static void
restore_and_die(int sig)
{
	if (prompt_fd >= 0)
		tcsetattr(prompt_fd, TCSAFLUSH, &before);
	signal(sig, SIG_DFL);
	raise(sig);
}

static char *
read_password(int fd, struct v2m_err *err)
{
	char *buf = calloc(1, PASSWORD_MAX + 1);
	size_t have = 0;
	char c;

	if (buf == NULL) {
		v2m_err_sys(err, V2M_TEMP, "no password read");
		return NULL;
	}
	while (read(fd, &c, 1) == 1 && c != '\n' && c != '\r')
		if (have < PASSWORD_MAX)
			buf[have++] = c;
	if (have == 0) {
		free(buf);
		v2m_err_set(err, V2M_USAGE, "no password given");
		return NULL;
	}
	return buf;
}

/* An error does not matter: the terminal may still give an answer. */
static void
show(int fd, const char *text)
{
	ssize_t put = write(fd, text, strlen(text));

	(void)put;
}

char *
v2m_secret_prompt(const char *prompt, const char *option, struct v2m_err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
	    SIGTSTP };
	struct sigaction restore = { .sa_handler = restore_and_die };
	/* If it were stopped at the prompt, the shell would switch the echo
	 * on. */
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction old[5];
	struct termios silent;
	size_t i;
	char *answer;

	if (fd < 0 || tcgetattr(fd, &before) < 0) {
		if (fd >= 0)
			close(fd);
		v2m_err_set(err, V2M_USAGE, "no terminal to ask for the "
		    "password: give %s FILE ('-' is stdin)", option);
		return NULL;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	prompt_fd = fd;
	for (i = 0; i < 5; i++)
		sigaction(signals[i], signals[i] == SIGTSTP ? &ignore :
		    &restore, &old[i]);
	tcsetattr(fd, TCSAFLUSH, &silent);
	show(fd, prompt);
	answer = read_password(fd, err);
	tcsetattr(fd, TCSAFLUSH, &before);
	show(fd, "\n");
	for (i = 0; i < 5; i++)
		sigaction(signals[i], &old[i], NULL);
	prompt_fd = -1;
	close(fd);
	return answer;
}

char *
v2m_secret_prompt_twice(const char *prompt, const char *option,
    struct v2m_err *err)
{
	char *first = v2m_secret_prompt(prompt, option, err), *second;
	bool same;

	if (first == NULL)
		return NULL;
	second = v2m_secret_prompt("the same again: ", option, err);
	same = second != NULL && strcmp(first, second) == 0;
	if (second != NULL && !same)
		v2m_err_set(err, V2M_USAGE, "the two passwords differ");
	v2m_secret_free(second);
	if (same)
		return first;
	v2m_secret_free(first);
	return NULL;
}

char *
v2m_secret_ask(const char *file, const char *option, const char *what,
    const char *whose, bool twice, struct v2m_err *err)
{
	char prompt[512];

	if (file != NULL)
		return v2m_secret_option(file, err);
	snprintf(prompt, sizeof prompt, "%s for %s: ", what, whose);
	return twice ? v2m_secret_prompt_twice(prompt, option, err) :
	    v2m_secret_prompt(prompt, option, err);
}

void
v2m_secret_free(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}
