/* v2m-media - the one program that looks into uploaded files.
 *
 * Not for people: v2m's commands run it with a control socket as descriptor 3
 * and nothing else (lib/media/wire.h).  It loads its libraries once and forks
 * a child for each job; this half reads no file, so a crash costs one job.
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/codecs.h"
#include "engine/early.h"
#include "engine/report.h"
#include "engine/sandbox.h"
#include "engine/work.h"
#include "media/wire.h"

#define JOBS_MAX 1024
/* A look at an upload costs some milliseconds, as a rule.  What takes longer
 * gets the time that nobody else wants. */
#define QUICK_MS 200

struct running {
	pid_t pid;
	int lifeline;
	bool killed;
	int64_t idle_at_ms;		/* a probe's; 0: it is that, or none */
};

struct engine {
	int signals;			/* signalfd: a child has ended */
	size_t njobs;
	struct running jobs[JOBS_MAX];
	struct pollfd polls[2 + JOBS_MAX];
};

static void
end_lifeline(int lifeline, const struct v2m_wire_end *facts)
{
	struct v2m_wire_end end = *facts;

	end.magic = V2M_WIRE_END;
	end.version = V2M_WIRE_VERSION;
	/* A parent that is gone needs no answer. */
	(void)send(lifeline, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(lifeline);
}

/* In the child: keep what the job needs at fixed places, close the rest. */
static int
settle_descriptors(const int *fds, int nfds)
{
	/* First out of the way of the places they go to. */
	int high[V2M_WIRE_FDS_MAX];

	for (int i = 1; i < nfds; i++) {
		high[i] = fcntl(fds[i], F_DUPFD, 64);
		if (high[i] < 0)
			return -1;
	}
	for (int i = 1; i < nfds; i++)
		if (dup2(high[i], WORK_FD_REPORTS + i - 1) < 0)
			return -1;
	return close_range(WORK_FD_REPORTS + (unsigned)nfds - 1, ~0U, 0);
}

static int
child(pid_t engine, const struct v2m_wire_job *job, const int *fds, int nfds)
{
	struct v2m_err err;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != engine)
		return 1;
	/* Its threads inherit this: SIGSYS has to reach each of them. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (settle_descriptors(fds, nfds) < 0)
		return 1;
	if (sandbox_limit(job, &err) < 0) {
		report_failed(&err, false, sandbox_lacks());
		return 0;
	}
	return work(job);
}

static void
begin_job(struct engine *e, const struct v2m_wire_job *job, const int *fds,
    int nfds)
{
	pid_t engine = getpid(), pid;

	if (e->njobs == JOBS_MAX) {
		end_lifeline(fds[0],
		    &(struct v2m_wire_end){ .fork_errno = EAGAIN });
	} else if ((pid = fork()) < 0) {
		end_lifeline(fds[0],
		    &(struct v2m_wire_end){ .fork_errno = errno });
	} else if (pid == 0) {
		exit(child(engine, job, fds, nfds));
	} else {
		e->jobs[e->njobs++] = (struct running){ pid, fds[0], false,
		    job->kind == V2M_WIRE_PROBE ? v2m_mono_ms() + QUICK_MS : 0
		};
	}
	for (int i = 1; i < nfds; i++)
		close(fds[i]);
}

static bool
valid(const struct v2m_wire_job *job, int nfds)
{
	return job->magic == V2M_WIRE_JOB &&
	    job->version == V2M_WIRE_VERSION &&
	    job->hint[V2M_HINT_SIZE - 1] == '\0' &&
	    nfds == (job->kind == V2M_WIRE_CONVERT ? 4 : 3);
}

/* Take one job from the control socket.  false: there will be no more. */
static bool
take_job(struct engine *e)
{
	struct v2m_wire_job job;
	int fds[V2M_WIRE_FDS_MAX], nfds;
	ssize_t n = v2m_wire_receive(V2M_WIRE_CONTROL_FD, &job, fds, &nfds);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	if (n == sizeof job && valid(&job, nfds)) {
		begin_job(e, &job, fds, nfds);
		return true;
	}
	for (int i = 0; i < nfds; i++)
		close(fds[i]);
	return true;
}

static int64_t
us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static void
ended(struct engine *e, pid_t pid, int status, const struct rusage *usage)
{
	for (size_t i = 0; i < e->njobs; i++) {
		if (e->jobs[i].pid != pid)
			continue;
		end_lifeline(e->jobs[i].lifeline, &(struct v2m_wire_end){
			.status = status,
			.cpu_us = us(usage->ru_utime) + us(usage->ru_stime),
			.peak_kib = usage->ru_maxrss,
		});
		e->jobs[i] = e->jobs[--e->njobs];
		return;
	}
}

static void
reap(struct engine *e, int flags)
{
	struct signalfd_siginfo drain;
	struct rusage usage;
	int status;
	pid_t pid;

	if (flags & WNOHANG)
		while (read(e->signals, &drain, sizeof drain) > 0)
			;
	/* Not for children that are not jobs: a wrapper may have left us some,
	 * and they may wait for us. */
	while (e->njobs > 0 &&
	    (pid = wait4(-1, &status, flags, &usage)) > 0)
		ended(e, pid, status, &usage);
}

/* A parent that closed or shut its end wants the child dead. */
static void
check_lifeline(struct running *r)
{
	char nothing;

	if (recv(r->lifeline, &nothing, 1, MSG_DONTWAIT) != 0 || r->killed)
		return;
	kill(r->pid, SIGKILL);
	r->killed = true;
}

/* Only its first thread: a probe has no other. */
static void
make_idle(struct running *r)
{
	const struct sched_param param = { .sched_priority = 0 };

	r->idle_at_ms = 0;
	(void)sched_setscheduler(r->pid, SCHED_IDLE, &param);
}

/* Make those idle whose time has come.  When the next one's comes, in ms; -1:
 * there is none. */
static int
slow_down(struct engine *e)
{
	int64_t now_ms = v2m_mono_ms(), next_ms = -1;

	for (size_t i = 0; i < e->njobs; i++) {
		struct running *r = &e->jobs[i];

		if (r->idle_at_ms != 0 && r->idle_at_ms <= now_ms)
			make_idle(r);
		else if (r->idle_at_ms != 0 && (next_ms < 0 ||
		    r->idle_at_ms - now_ms < next_ms))
			next_ms = r->idle_at_ms - now_ms;
	}
	return (int)next_ms;
}

static void
serve(struct engine *e)
{
	for (;;) {
		size_t n = e->njobs;
		int wait_ms = slow_down(e);

		e->polls[0] = (struct pollfd){ V2M_WIRE_CONTROL_FD, POLLIN, 0 };
		e->polls[1] = (struct pollfd){ e->signals, POLLIN, 0 };
		for (size_t i = 0; i < n; i++)
			e->polls[2 + i] = (struct pollfd){
				e->jobs[i].killed ? -1 : e->jobs[i].lifeline,
				POLLIN | POLLRDHUP, 0
			};
		if (poll(e->polls, 2 + n, wait_ms) < 0 && errno != EINTR)
			return;
		/* Lifelines first: reaping moves the jobs about. */
		for (size_t i = 0; i < n; i++)
			if (e->polls[2 + i].revents != 0)
				check_lifeline(&e->jobs[i]);
		if (e->polls[1].revents != 0)
			reap(e, WNOHANG);
		if (e->polls[0].revents != 0 && !take_job(e))
			return;
	}
}

int
main(void)
{
	static struct engine e;
	const struct v2m_wire_hello hello = {
		V2M_WIRE_HELLO, V2M_WIRE_VERSION
	};
	sigset_t chld;

	if (send(V2M_WIRE_CONTROL_FD, &hello, sizeof hello,
	    MSG_NOSIGNAL) != sizeof hello) {
		fprintf(stderr, "v2m-media: run by v2m's commands, not by "
		    "people\n");
		return 64;
	}
	/* One arena: with more, glibc reserves 64 MiB for each thread. */
	mallopt(M_ARENA_MAX, 1);
	fcntl(V2M_WIRE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	e.signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (e.signals < 0)
		return 71;
	early_init();
	codecs_init();
	sandbox_measure();
	serve(&e);
	for (size_t i = 0; i < e.njobs; i++)
		kill(e.jobs[i].pid, SIGKILL);
	reap(&e, 0);
	return 0;
}
