#include "media/lend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "media/lend_socket.h"
#include "media/private.h"

#define GUESTS 256
#define LOOK_MS 10000	/* between two checks whether another worker lends */

struct v2m_lender {
	struct v2m_media *media;
	pthread_t thread;
	int stop[2];		/* a pipe: closing it ends the thread */
	int listener;		/* -1: another worker lends */
	ino_t inode;		/* of the socket's name */
	struct sockaddr_un at;
	size_t nguests;
	/* stop, listener, guests */
	struct pollfd polls[2 + GUESTS];
};

static bool
is_listening(const struct v2m_lender *l)
{
	struct stat st;

	return l->listener >= 0 && lstat(l->at.sun_path, &st) == 0 &&
	    st.st_ino == l->inode;
}

/* Is there no worker that listens at the address? */
static bool
is_free(const struct v2m_lender *l)
{
	int fd = v2m_lend_reach(&l->at);

	if (fd < 0)
		return errno == ECONNREFUSED || errno == ENOENT;
	close(fd);
	return false;
}

/* Does the name lead to our listener, and not to that of another worker? */
static bool
leads_here(const struct v2m_lender *l, int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd = v2m_lend_reach(&l->at);
	bool ret = fd >= 0 && poll(&p, 1, 0) > 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

/* Until listen(2) no client can connect, and other workers take the name for
 * free; so check afterwards that it leads here. */
static int
listen_at(struct v2m_lender *l)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	struct stat st;

	if (fd < 0)
		return -1;
	unlink(l->at.sun_path);
	if (bind(fd, (struct sockaddr *)&l->at, sizeof l->at) == 0 &&
	    chmod(l->at.sun_path, 0600) == 0 && listen(fd, GUESTS) == 0 &&
	    leads_here(l, fd) && lstat(l->at.sun_path, &st) == 0) {
		l->inode = st.st_ino;
		return fd;
	}
	close(fd);
	return -1;
}

/* If two workers begin at the same time both may listen; the later one has the
 * name. */
static void
take_over(struct v2m_lender *l)
{
	if (is_listening(l))
		return;
	if (l->listener >= 0)
		close(l->listener);
	l->listener = is_free(l) ? listen_at(l) : -1;
}

static void
welcome(struct v2m_lender *l)
{
	const struct v2m_wire_hello hello = {
		V2M_WIRE_HELLO, V2M_WIRE_VERSION
	};
	int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC |
	    SOCK_NONBLOCK);

	if (fd < 0) {
		poll(NULL, 0, errno == EAGAIN ? 0 : 100);
		return;
	}
	if (v2m_lend_is_own_user(fd) && send(fd, &hello, sizeof hello,
	    MSG_NOSIGNAL) == sizeof hello)
		l->polls[2 + l->nguests++] = (struct pollfd){ fd, POLLIN, 0 };
	else
		close(fd);
}

/* The stricter of two limits; 0: no limit. */
static int64_t
stricter(int64_t one, int64_t other)
{
	return one > 0 && (other <= 0 || one < other) ? one : other;
}

/* Set the job's limits to the stricter of ours and the client's. */
static void
limit_job(struct v2m_lender *l, struct v2m_wire_job *job)
{
	const struct v2m_wire_limits wanted = job->limits;
	struct v2m_media_limits limits;
	int64_t ignored;

	v2m_media_limits(l->media, &limits, &ignored);
	v2m_limits_narrow(&limits, V2M_WIRE_PROBE);
	v2m_limits_fill(&job->limits, &limits, job->length);
	if (job->limits.sandbox < wanted.sandbox)
		job->limits.sandbox = wanted.sandbox;
	job->limits.memory_bytes = stricter(job->limits.memory_bytes,
	    wanted.memory_bytes);
	job->limits.cpu_ms = stricter(job->limits.cpu_ms, wanted.cpu_ms);
	job->threads = job->share = 0;
}

static bool
hand_on(struct v2m_lender *l, struct v2m_wire_job *job, ssize_t n,
    const int *fds, int nfds)
{
	unsigned which;

	if (n != sizeof *job || job->magic != V2M_WIRE_JOB ||
	    job->version != V2M_WIRE_VERSION || job->kind != V2M_WIRE_PROBE ||
	    job->limits.sandbox > V2M_SANDBOX_YES || nfds != 3)
		return false;
	limit_job(l, job);
	return v2m_media_send(l->media, job, fds, nfds, &which, NULL) == 0;
}

/* A client has sent something.  false: disconnect it. */
static bool
serve_guest(struct v2m_lender *l, int fd)
{
	struct v2m_wire_job job;
	int fds[V2M_WIRE_FDS_MAX], nfds;
	ssize_t n = v2m_wire_receive(fd, &job, fds, &nfds);
	bool stays = n < 0 ? errno == EAGAIN || errno == EINTR :
	    hand_on(l, &job, n, fds, nfds);

	for (int i = 0; i < nfds; i++)
		close(fds[i]);
	return stays;
}

static void
serve_guests(struct v2m_lender *l)
{
	/* The last client takes the place of one that is removed. */
	for (size_t i = l->nguests; i-- > 0;) {
		struct pollfd *p = &l->polls[2 + i];

		if (p->revents == 0 || serve_guest(l, p->fd))
			continue;
		close(p->fd);
		*p = l->polls[2 + --l->nguests];
	}
}

static void *
lend(void *arg)
{
	struct v2m_lender *l = arg;

	for (;;) {
		bool room = l->nguests < GUESTS;

		l->polls[1] = (struct pollfd){ room ? l->listener : -1,
		    POLLIN, 0 };
		if (poll(l->polls, 2 + l->nguests, LOOK_MS) == 0)
			take_over(l);
		if (l->polls[0].revents != 0)
			return NULL;
		serve_guests(l);
		if (l->polls[1].revents != 0)
			welcome(l);
	}
}

static int
start_thread(struct v2m_lender *l)
{
	sigset_t all, before;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&l->thread, NULL, lend, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e == 0 ? 0 : -1;
}

struct v2m_lender *
v2m_lend_start(struct v2m_media *m, const char *folder)
{
	struct v2m_lender *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->media = m;
	l->listener = -1;
	if (!v2m_lend_address(&l->at, folder) ||
	    pipe2(l->stop, O_CLOEXEC) < 0) {
		free(l);
		return NULL;
	}
	l->polls[0] = (struct pollfd){ l->stop[0], POLLIN, 0 };
	take_over(l);
	if (start_thread(l) == 0)
		return l;
	close(l->stop[1]);
	l->stop[1] = -1;
	v2m_lend_end(l);
	return NULL;
}

void
v2m_lend_end(struct v2m_lender *l)
{
	if (l == NULL)
		return;
	if (l->stop[1] >= 0) {
		close(l->stop[1]);
		pthread_join(l->thread, NULL);
	}
	if (is_listening(l))
		unlink(l->at.sun_path);
	if (l->listener >= 0)
		close(l->listener);
	for (size_t i = 0; i < l->nguests; i++)
		close(l->polls[2 + i].fd);
	close(l->stop[0]);
	free(l);
}
