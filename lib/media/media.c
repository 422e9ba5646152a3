/* The engine: start it, send jobs, start it again if it died, stop it. */

#include "media/media.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/cores.h"
#include "media/lend_socket.h"
#include "media/private.h"

#define ENGINE "v2m-media"
#define MAX_DURATION_S (24 * 3600)
#define CANNOT_LOAD 127	/* exit status if libraries are missing */

struct v2m_media {
	pthread_mutex_t lock;
	pid_t pid;		/* 0: not running, or borrowed */
	int control;		/* -1: there is no engine now */
	const char *lender;	/* folder where one may be borrowed, or NULL */
	unsigned serial;	/* number of the engine, from 1 */
	int64_t max_duration_s;
	struct v2m_media_limits limits;
	int threads;		/* per job; 0: a share of the cores */
	int cores;
	int running;		/* conversions that run */
	const char *sandbox;	/* v2m_media_sandbox_word() */
	char path[PATH_MAX];
};

/* libexec/v2m is beside bin, in the build folder and when installed. */
static int
find_engine(char path[PATH_MAX], struct v2m_err *err)
{
	const char *dir = getenv("V2M_LIBEXECDIR");
	char self[PATH_MAX];
	ssize_t n;
	int len;

	if (dir != NULL && *dir != '\0') {
		len = snprintf(path, PATH_MAX, "%s/" ENGINE, dir);
	} else {
		n = readlink("/proc/self/exe", self, sizeof self - 1);
		if (n < 0)
			return v2m_err_sys(err, V2M_CONFIG,
			    "cannot find out where this program is installed");
		self[n] = '\0';
		*strrchr(self, '/') = '\0';
		len = snprintf(path, PATH_MAX, "%s/../libexec/v2m/" ENGINE,
		    self);
	}
	if (len >= PATH_MAX)
		return v2m_err_set(err, V2M_CONFIG,
		    "the path of " ENGINE " is too long");
	return 0;
}

/* The engine inherits only the control socket.  Not stderr either, as libraries
 * would print text from a hostile file there; only with V2M_MEDIA_DEBUG, for
 * debugging. */
static int
spawn_actions(posix_spawn_file_actions_t *actions, int control)
{
	int e = posix_spawn_file_actions_adddup2(actions, control,
	    V2M_WIRE_CONTROL_FD);

	for (int fd = 0; fd <= 2 && e == 0; fd++)
		if (fd < 2 || getenv("V2M_MEDIA_DEBUG") == NULL)
			e = posix_spawn_file_actions_addopen(actions, fd,
			    "/dev/null", O_RDWR, 0);
	if (e == 0)
		e = posix_spawn_file_actions_addclosefrom_np(actions,
		    V2M_WIRE_CONTROL_FD + 1);
	return e;
}

/* A process group of its own, so that Ctrl-C is sent only to us; and no signal
 * is ignored or blocked. */
static int
spawn_attributes(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setsigdefault(attr, &all);
	return posix_spawnattr_setsigmask(attr, &none);
}

/* It could not be run: set err. */
static int
not_run(const struct v2m_media *m, int e, struct v2m_err *err)
{
	errno = e;
	v2m_err_sys(err, e == ETXTBSY ? V2M_TEMP : V2M_CONFIG, "cannot run %s",
	    m->path);
	if (err != NULL && err->code != V2M_TEMP)
		err->code = V2M_CONFIG;
	return -1;
}

static int
spawn(struct v2m_media *m, int control, struct v2m_err *err)
{
	/* For tests: slow threads, segments that do not fit, no seeks. */
	static const char *const kept[] = {
		"V2M_MEDIA_DEBUG=1", "ASAN_OPTIONS", "UBSAN_OPTIONS",
		"TSAN_OPTIONS", "V2M_MEDIA_JITTER", "V2M_MEDIA_TEAR",
		"V2M_MEDIA_NO_SEEK", NULL
	};
	/* Files for these are opened when it starts. */
	static char zone[] = "TZ=UTC0", locale[] = "LC_CTYPE=C.UTF-8";
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char name[] = ENGINE, *argv[] = { name, NULL };
	char debug[7][512], *env[10] = { zone, locale, NULL };
	int e, n = 2;

	for (int i = 0; kept[i] != NULL && getenv("V2M_MEDIA_DEBUG"); i++) {
		const char *value = getenv(kept[i]);

		if (i > 0 && value == NULL)
			continue;
		snprintf(debug[i], sizeof debug[i], "%s%s%s", kept[i],
		    i > 0 ? "=" : "", i > 0 ? value : "");
		env[n++] = debug[i];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	e = spawn_actions(&actions, control);
	if (e == 0)
		e = spawn_attributes(&attr);
	if (e == 0)
		e = posix_spawn(&m->pid, m->path, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (e == 0)
		return 0;
	m->pid = 0;
	return not_run(m, e, err);
}

/* Wait a little for its exit status: one that has closed its socket is
 * ending. */
static int
end_status(struct v2m_media *m)
{
	int status = 0;

	for (int i = 0; i < 200; i++) {
		pid_t pid = waitpid(m->pid, &status, WNOHANG);

		if (pid == m->pid)
			m->pid = 0;
		if (pid != 0 && (pid > 0 || errno != EINTR))
			break;
		poll(NULL, 0, 10);
	}
	return status;
}

/* It ended before its hello.  If it was killed, another try may help; if
 * libraries are missing, not. */
static int
no_hello(struct v2m_media *m, struct v2m_err *err)
{
	int status = end_status(m);

	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_LOAD)
		return v2m_err_set(err, V2M_CONFIG, "%s cannot be loaded: are "
		    "its libraries installed?", m->path);
	if (WIFSIGNALED(status))
		return v2m_err_set(err, V2M_TEMP, "%s was killed while it "
		    "started (signal %d)", m->path, WTERMSIG(status));
	return v2m_err_set(err, V2M_TEMP, "%s ended while it started (status "
	    "%d)", m->path, WEXITSTATUS(status));
}

static int
await_hello(struct v2m_media *m, struct v2m_err *err)
{
	struct pollfd p = { .fd = m->control, .events = POLLIN };
	struct v2m_wire_hello hello;
	int64_t end = v2m_mono_ms() + V2M_MEDIA_START_MS;
	int64_t left = V2M_MEDIA_START_MS;
	ssize_t n = -1;

	while (n < 0 && (left = end - v2m_mono_ms()) > 0) {
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = recv(m->control, &hello, sizeof hello, 0);
		if (n < 0 && errno != EINTR)
			break;
	}
	if (left <= 0)
		return v2m_err_set(err, V2M_TEMP, "%s does not start within "
		    "%d s", m->path, V2M_MEDIA_START_MS / 1000);
	if (n <= 0)
		return no_hello(m, err);
	if (n != sizeof hello || hello.magic != V2M_WIRE_HELLO ||
	    hello.version != V2M_WIRE_VERSION)
		return v2m_err_set(err, V2M_CONFIG,
		    "%s is of another version", m->path);
	return 0;
}

static void
stop_engine(struct v2m_media *m)
{
	if (m->control >= 0)
		close(m->control);
	m->control = -1;
	if (m->pid <= 0)
		return;
	/* It ends by itself after its children; one that hangs is killed. */
	for (int i = 0; i < 200; i++) {
		pid_t pid = waitpid(m->pid, NULL, WNOHANG);

		if (pid == m->pid || (pid < 0 && errno != EINTR)) {
			m->pid = 0;
			return;
		}
		poll(NULL, 0, i < 20 ? 1 : 10);
	}
	kill(m->pid, SIGKILL);
	while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
		;
	m->pid = 0;
}

static bool
borrow_engine(struct v2m_media *m)
{
	m->control = v2m_lend_connect(m->lender);
	m->serial += m->control >= 0;
	return m->control >= 0;
}

static int
start_engine(struct v2m_media *m, struct v2m_err *err)
{
	const struct timeval limit = { .tv_sec = 20 };
	int pair[2];

	if (m->lender != NULL && borrow_engine(m))
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot make a socket");
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	m->control = pair[0];
	m->serial++;
	if (spawn(m, pair[1], err) < 0) {
		close(pair[1]);
		stop_engine(m);
		return -1;
	}
	close(pair[1]);
	if (await_hello(m, err) < 0) {
		if (m->pid > 0)
			kill(m->pid, SIGKILL);
		stop_engine(m);
		return -1;
	}
	return 0;
}

static int
at_most(int n, int most)
{
	return n < most ? n : most;
}

static struct v2m_media *
start(const char *lender, struct v2m_err *err)
{
	struct v2m_media *m = calloc(1, sizeof *m);

	if (m == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	m->control = -1;
	m->lender = lender;
	m->max_duration_s = MAX_DURATION_S;
	v2m_limits_default(&m->limits);
	m->sandbox = "none";
	m->cores = at_most(v2m_cores(), V2M_MEDIA_THREADS_MOST);
	pthread_mutex_init(&m->lock, NULL);
	if (find_engine(m->path, err) < 0 || start_engine(m, err) < 0) {
		v2m_media_free(m);
		return NULL;
	}
	return m;
}

struct v2m_media *
v2m_media_start(struct v2m_err *err)
{
	return start(NULL, err);
}

struct v2m_media *
v2m_media_borrow(const char *folder, struct v2m_err *err)
{
	/* With these the program must be started by us. */
	bool own = getenv("V2M_LIBEXECDIR") != NULL ||
	    getenv("V2M_MEDIA_DEBUG") != NULL;

	return start(own ? NULL : folder, err);
}

bool
v2m_media_give_back(struct v2m_media *m)
{
	bool borrows;

	pthread_mutex_lock(&m->lock);
	borrows = m->lender != NULL && m->pid == 0;
	m->lender = NULL;
	if (borrows)
		stop_engine(m);
	pthread_mutex_unlock(&m->lock);
	return borrows;
}

void
v2m_media_set_max_duration(struct v2m_media *m, int64_t ms)
{
	if (ms <= 0 || ms >= MAX_DURATION_S * INT64_C(1000) * 366)
		return;
	pthread_mutex_lock(&m->lock);
	m->max_duration_s = (ms + 999) / 1000;
	pthread_mutex_unlock(&m->lock);
}

void
v2m_media_set_limits(struct v2m_media *m,
    const struct v2m_media_limits *limits)
{
	pthread_mutex_lock(&m->lock);
	m->limits = *limits;
	pthread_mutex_unlock(&m->lock);
}

void
v2m_media_set_sandbox_word(struct v2m_media *m, const char *word)
{
	pthread_mutex_lock(&m->lock);
	m->sandbox = word;
	pthread_mutex_unlock(&m->lock);
}

const char *
v2m_media_sandbox_word(struct v2m_media *m)
{
	const char *word;

	pthread_mutex_lock(&m->lock);
	word = m->sandbox;
	pthread_mutex_unlock(&m->lock);
	return word;
}

void
v2m_media_limits(struct v2m_media *m, struct v2m_media_limits *limits,
    int64_t *max_duration_ms)
{
	pthread_mutex_lock(&m->lock);
	*limits = m->limits;
	*max_duration_ms = m->max_duration_s * 1000;
	pthread_mutex_unlock(&m->lock);
}

void
v2m_media_set_threads(struct v2m_media *m, int threads)
{
	pthread_mutex_lock(&m->lock);
	m->threads = at_most(threads, V2M_MEDIA_THREADS_MOST);
	pthread_mutex_unlock(&m->lock);
}

int
v2m_media_threads(struct v2m_media *m)
{
	int64_t memory;
	int n;

	pthread_mutex_lock(&m->lock);
	memory = m->limits.sandbox ? m->limits.memory_bytes : 0;
	n = m->threads > 0 ? m->threads : m->cores;
	pthread_mutex_unlock(&m->lock);
	return at_most(n, v2m_cores_memory(memory));
}

void
v2m_media_begin(struct v2m_media *m)
{
	pthread_mutex_lock(&m->lock);
	m->running++;
	pthread_mutex_unlock(&m->lock);
}

void
v2m_media_end(struct v2m_media *m)
{
	pthread_mutex_lock(&m->lock);
	m->running--;
	pthread_mutex_unlock(&m->lock);
}

int
v2m_media_thread_share(struct v2m_media *m)
{
	int n;

	pthread_mutex_lock(&m->lock);
	n = m->threads > 0 ? m->threads : m->running > 0 ?
	    m->cores / m->running : m->cores;
	pthread_mutex_unlock(&m->lock);
	return n < 1 ? 1 : n;
}

void
v2m_media_free(struct v2m_media *m)
{
	if (m == NULL)
		return;
	stop_engine(m);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

int
v2m_media_send(struct v2m_media *m, struct v2m_wire_job *job,
    const int *fds, int nfds, unsigned *which, struct v2m_err *err)
{
	int ret = -1;

	job->magic = V2M_WIRE_JOB;
	job->version = V2M_WIRE_VERSION;
	pthread_mutex_lock(&m->lock);
	job->max_duration_s = m->max_duration_s;
	for (int attempt = 0; attempt < 2; attempt++) {
		if (m->control < 0 && start_engine(m, err) < 0)
			goto out;
		if (v2m_wire_send(m->control, job, fds, nfds) == sizeof *job) {
			*which = m->serial;
			ret = 0;
			goto out;
		}
		if (errno != EPIPE && errno != ECONNRESET && errno != ENOTCONN)
			break;
		stop_engine(m);	/* it has died: try a new one */
	}
	v2m_err_sys(err, V2M_TEMP, "cannot hand a job to %s", m->path);
out:
	pthread_mutex_unlock(&m->lock);
	return ret;
}

void
v2m_media_lost(struct v2m_media *m, unsigned which)
{
	pthread_mutex_lock(&m->lock);
	if (m->serial == which)
		stop_engine(m);
	pthread_mutex_unlock(&m->lock);
}
