/* The watchdog, and connections that libmicrohttpd starts late: the test plays
 * libmicrohttpd as soon as the watchdog releases the lock. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "gateway/server_private.h"

#include "tap.h"

#define TURNS 10
#define LONG_AGO_MS 61000

static struct v2m_server server;
static struct v2m_listener listener = { .server = &server };
static pthread_barrier_t ready, over;
static int accepted = -1;
static atomic_int bad_closes, begun;
static bool is_watching;		/* true in the main thread only */
static pthread_t watcher;

/* A connection that is freed twice is closed twice. */
int
close(int fd)
{
	int ret = (int)syscall(SYS_close, fd);

	if (ret < 0 && errno == EBADF)
		atomic_fetch_add(&bad_closes, 1);
	return ret;
}

/* Run at once what another thread may do when the lock is released. */
int
pthread_mutex_unlock(pthread_mutex_t *lock)
{
	static int (*unlock)(pthread_mutex_t *);
	union { void *found; int (*call)(pthread_mutex_t *); } next;
	int ret;

	if (unlock == NULL) {
		next.found = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
		unlock = next.call;
	}
	ret = unlock(lock);
	if (lock == &server.lock && pthread_equal(pthread_self(), watcher) &&
	    is_watching) {
		is_watching = false;
		pthread_barrier_wait(&ready);
		pthread_barrier_wait(&over);
	}
	return ret;
}

const union MHD_ConnectionInfo *
MHD_get_connection_info(struct MHD_Connection *mhd,
    enum MHD_ConnectionInfoType what, ...)
{
	static union MHD_ConnectionInfo info;

	(void)mhd;
	(void)what;
	info.connect_fd = accepted;
	return &info;
}

/* libmicrohttpd's thread starts the connection, and ends it. */
static void *
begin_late(void *arg)
{
	void *context;
	int i;

	for (i = 0; i < TURNS; i++) {
		context = NULL;
		pthread_barrier_wait(&ready);
		v2m_conn_notify(&listener, NULL, &context,
		    MHD_CONNECTION_NOTIFY_STARTED);
		if (context != NULL) {
			atomic_fetch_add(&begun, 1);
			v2m_conn_phase(context, V2M_PHASE_BUSY);
			v2m_conn_notify(&listener, NULL, &context,
			    MHD_CONNECTION_NOTIFY_CLOSED);
		}
		pthread_barrier_wait(&over);
	}
	return arg;
}

static struct v2m_conn *
accept_one(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct v2m_conn *c;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return NULL;
	accepted = pair[0];
	c = v2m_conn_accept(&listener, pair[0], (struct sockaddr *)&sa);
	close(pair[1]);
	if (c != NULL)
		atomic_store(&c->since_ms, v2m_mono_ms() - LONG_AGO_MS);
	return c;
}

int
main(void)
{
	pthread_t thread;
	int i, left = 0;

	watcher = pthread_self();
	server.parts.counters = v2m_counters_new();
	server.max_connections = server.max_per_address = 10;
	server.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&server.lock, NULL);
	pthread_barrier_init(&ready, NULL, 2);
	pthread_barrier_init(&over, NULL, 2);
	pthread_create(&thread, NULL, begin_late, NULL);
	for (i = 0; i < TURNS; i++) {
		if (accept_one() == NULL)
			break;
		is_watching = true;
		v2m_watch(&server, v2m_mono_ms(), 1);
		left += server.nconns;
		close(accepted);
	}
	ok(i == TURNS, "connections are accepted");
	pthread_join(thread, NULL);
	ok(left == 0, "those that nobody began with are given up");
	ok(begun == 0, "and nobody begins with them then");
	ok(bad_closes == 0, "each is freed once");
	v2m_linger_end(&server);
	v2m_counters_free(server.parts.counters);
	close(server.wake_fd);
	return tap_done();
}
