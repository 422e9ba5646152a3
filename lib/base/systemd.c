#include "base/systemd.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define FIRST_FD 3
#define SOCKETS_MOST 2		/* one for each setting */
#define OTHERS "listen"		/* also takes sockets of other names */
#define SECOND_KEY "metrics_listen"

static int notify_fd = -1;
static bool stopping;
static int64_t watchdog_ms, next_ms;	/* monotonic; 0: there is none */
static int nsockets;			/* that were passed */
static char socket_keys[SOCKETS_MOST][16];

/* A number from the environment; 0 if there is none. */
static int64_t
number(const char *name)
{
	const char *text = getenv(name);
	int64_t n = 0;

	if (text == NULL || !v2m_text_parse_int(text, 1, INT64_MAX, &n))
		return 0;
	return n;
}

/* Is the variable meant for this process?  It may have inherited it. */
static bool
is_for_us(const char *name)
{
	return number(name) == (int64_t)getpid();
}

static void
open_notify(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path == NULL ? 0 : strlen(path);

	if (n < 2 || n >= sizeof to.sun_path ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify_fd >= 0 && connect(notify_fd, (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
		close(notify_fd);
		notify_fd = -1;
	}
}

/* The name of the nth socket, in a list separated by colons. */
static const char *
key_of(const char *names, int n)
{
	const char *at = names == NULL ? "" : names;

	while (n-- > 0) {
		at += strcspn(at, ":");
		at += *at == ':';
	}
	return strcspn(at, ":") == strlen(SECOND_KEY) && strncmp(at,
	    SECOND_KEY, strlen(SECOND_KEY)) == 0 ? SECOND_KEY : OTHERS;
}

static void
take_sockets(void)
{
	int64_t n = is_for_us("LISTEN_PID") ? number("LISTEN_FDS") : 0;
	int i;

	/* A larger number does not come from systemd. */
	nsockets = n > 1024 ? 0 : (int)n;
	for (i = 0; i < nsockets; i++) {
		fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC);
		if (i < SOCKETS_MOST)
			snprintf(socket_keys[i], sizeof socket_keys[i], "%s",
			    key_of(getenv("LISTEN_FDNAMES"), i));
	}
}

void
v2m_systemd_start(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_PID",
		"WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS",
		"LISTEN_FDNAMES" };
	size_t i;

	take_sockets();
	open_notify(getenv("NOTIFY_SOCKET"));
	/* Without WATCHDOG_PID, any process. */
	if (getenv("WATCHDOG_PID") == NULL || is_for_us("WATCHDOG_PID"))
		watchdog_ms = number("WATCHDOG_USEC") / 1000;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

/* Never blocks: if the message cannot be sent now, it is dropped. */
static void
tell(const char *words)
{
	if (notify_fd >= 0)
		(void)!send(notify_fd, words, strlen(words), MSG_NOSIGNAL |
		    MSG_DONTWAIT);
}

void
v2m_systemd_ready(void)
{
	tell("READY=1");
}

void
v2m_systemd_stopping(void)
{
	if (!stopping)
		tell("STOPPING=1");
	stopping = true;
}

void
v2m_systemd_alive(void)
{
	int64_t now;

	if (watchdog_ms == 0 || (now = v2m_mono_ms()) < next_ms)
		return;
	tell("WATCHDOG=1");
	next_ms = now + watchdog_ms / 4;
}

static bool
is_listening(int fd)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss, size = sizeof(int);
	int listening = 0;

	return getsockname(fd, (struct sockaddr *)&ss, &n) == 0 &&
	    (ss.ss_family == AF_INET || ss.ss_family == AF_INET6) &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) ==
	    0 && listening != 0;
}

int
v2m_systemd_socket(const char *key, int *fd, struct v2m_err *err)
{
	int i;

	*fd = -1;
	for (i = 0; i < nsockets; i++) {
		if (i < SOCKETS_MOST && strcmp(socket_keys[i], key) != 0)
			continue;
		if (i >= SOCKETS_MOST || *fd >= 0)
			return v2m_err_set(err, V2M_CONFIG, "systemd passed "
			    "%d sockets, two of them for %s: one is enough "
			    "(ListenStream=[::]:PORT has IPv4 as well)",
			    nsockets, key);
		*fd = FIRST_FD + i;
	}
	if (*fd < 0)
		return 0;
	if (!is_listening(*fd) || fcntl(*fd, F_SETFL, O_NONBLOCK) < 0)
		return v2m_err_set(err, V2M_CONFIG, "%s: what systemd passed "
		    "is not a listening TCP socket (ListenStream= of an "
		    "address and a port, Accept=no)", key);
	return 0;
}
