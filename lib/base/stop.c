#include "base/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static atomic_int count;
static atomic_int first;	/* the first signal that came */
static int event_fd = -1;

void
v2m_stop_now(void)
{
	const uint64_t one = 1;
	int sys = errno;

	atomic_fetch_add(&count, 1);
	/* The counter of an eventfd cannot be full after two signals. */
	if (event_fd >= 0 && write(event_fd, &one, sizeof one) < 0)
		errno = sys;
	errno = sys;
}

static void
on_signal(int sig)
{
	int none = 0;

	atomic_compare_exchange_strong(&first, &none, sig);
	v2m_stop_now();
}

int
v2m_stop_init(struct v2m_err *err)
{
	struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event_fd < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot watch for signals");
	sigemptyset(&stop.sa_mask);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGHUP, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	return 0;
}

int
v2m_stop_count(void)
{
	return atomic_load(&count);
}

void
v2m_stop_die(void)
{
	int sig = atomic_load(&first);

	if (sig == 0)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}

int
v2m_stop_check(struct v2m_err *err)
{
	return v2m_stop_count() == 0 ? 0 :
	    v2m_err_set(err, V2M_TEMP, "interrupted");
}

int
v2m_stop_fd(void)
{
	return event_fd;
}

int
v2m_stop_sleep(int ms)
{
	struct pollfd p = { .fd = event_fd, .events = POLLIN };

	poll(&p, 1, ms);
	return v2m_stop_count();
}
