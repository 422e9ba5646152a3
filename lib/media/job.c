/* One job: send it, watch it, judge its end. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "media/hint.h"
#include "media/private.h"
#include "media/walk.h"

#define TICK_MS 500
#define KILL_MS 10000		/* to wait for the end of a killed child */

struct job {
	int lifeline, reports;	/* our ends of the sockets; -1: closed */
	struct v2m_source source;
	struct v2m_reports told;
	bool ended;		/* `end` was received */
	bool lost;		/* the engine has died */
	unsigned engine;
	struct v2m_wire_end end;
	struct v2m_media_limits limits;
	int64_t length, max_duration_ms;
	int64_t waited_ms;	/* for the child, in all */
	int64_t ticked_ms;
	int ticked_percent;
	struct v2m_media *media;
	int thread_share;	/* threads it may use; 0: a probe */
};

/* Descriptors for the child, open here until they are sent. */
struct theirs {
	int fds[V2M_WIRE_FDS_MAX];
	bool owned[V2M_WIRE_FDS_MAX];
	int n;
};

static void
theirs_add(struct theirs *t, int fd, bool owned)
{
	t->fds[t->n] = fd;
	t->owned[t->n++] = owned;
}

static void
theirs_close(struct theirs *t)
{
	for (int i = 0; i < t->n; i++)
		if (t->owned[i])
			close(t->fds[i]);
	t->n = 0;
}

static int
make_pair(int type, int *ours, struct theirs *t, struct v2m_err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot make a socket");
	*ours = pair[0];
	theirs_add(t, pair[1], true);
	return 0;
}

/* The child must not be able to change the input: its descriptor is
 * read-only. */
static int
add_input(const struct v2m_media_input *in, struct theirs *t,
    struct v2m_err *err)
{
	char path[64];
	int fd;

	if ((fcntl(in->fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		theirs_add(t, in->fd, false);
		return 0;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", in->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return v2m_err_sys(err, V2M_IO,
		    "cannot open the input for reading only");
	theirs_add(t, fd, true);
	return 0;
}

static int
job_init(struct job *j, const struct v2m_media_input *in, struct theirs *t,
    struct v2m_err *err)
{
	int fd = -1;

	if (make_pair(SOCK_SEQPACKET, &j->lifeline, t, err) < 0 ||
	    make_pair(SOCK_SEQPACKET, &j->reports, t, err) < 0)
		return -1;
	if (in->fd >= 0)
		return add_input(in, t, err);
	if (make_pair(SOCK_STREAM, &fd, t, err) < 0)
		return -1;
	return v2m_source_init(&j->source, in, fd, err);
}

static void
job_release(struct job *j)
{
	if (j->lifeline >= 0)
		close(j->lifeline);
	if (j->reports >= 0)
		close(j->reports);
	v2m_source_release(&j->source);
}

/* Receive the child's reports, at most `most` at a time, as a hostile child may
 * never stop. */
static int
hear_reports(struct job *j, int most, struct v2m_err *err)
{
	char message[sizeof(struct v2m_wire_report) + 1];
	ssize_t n;

	while (most-- > 0) {
		n = recv(j->reports, message, sizeof message, MSG_DONTWAIT);
		/* If the child ends with an unread message of ours, the socket
		 * is reset, but its reports can still be received. */
		if (n < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0) {
			close(j->reports);
			j->reports = -1;
			return 0;
		}
		if (v2m_reports_take(&j->told, message, (size_t)n, err) < 0)
			return -1;
	}
	return 0;
}

/* Receive the child's end from the engine, which is trusted, as it reads no
 * file. */
static int
hear_end(struct job *j, struct v2m_err *err)
{
	ssize_t n = recv(j->lifeline, &j->end, sizeof j->end, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != sizeof j->end || j->end.magic != V2M_WIRE_END ||
	    j->end.version != V2M_WIRE_VERSION) {
		j->lost = true;
		return v2m_err_set(err, V2M_TEMP,
		    "the media program died during its jobs");
	}
	j->ended = true;
	return 0;
}

static int
maybe_tick(struct job *j, v2m_media_tick *tick, void *arg,
    struct v2m_err *err)
{
	int64_t now = v2m_mono_ms();

	if (tick == NULL || (now - j->ticked_ms < TICK_MS &&
	    j->told.percent == j->ticked_percent))
		return 0;
	j->ticked_ms = now;
	j->ticked_percent = j->told.percent;
	return tick(arg, j->told.percent, err);
}

/* How much sound has been made, by the stated duration or by the place in the
 * input. */
static int64_t
sound_ms(const struct job *j)
{
	int64_t all = j->told.result->claimed_ms;

	if (j->told.percent <= 0)
		return 0;
	if (all < 0 || all > j->max_duration_ms)
		all = j->max_duration_ms;
	return all / 100 * j->told.percent;
}

/* Is an upload only looked at for sound?  Its limits are not those that can be
 * set. */
static bool
is_check(const struct job *j)
{
	return j->told.kind == V2M_WIRE_PROBE;
}

/* Wait by poll(2), and count that as the child's time.  If the whole machine
 * was suspended that is not its fault, so one turn counts for at most
 * TICK_MS. */
static int
wait_for_child(struct job *j, struct pollfd *p, nfds_t n, struct v2m_err *err)
{
	int64_t start = v2m_mono_ms(), took;

	if (poll(p, n, TICK_MS) < 0 && errno != EINTR)
		return v2m_err_sys(err, V2M_TEMP, "cannot poll");
	took = v2m_mono_ms() - start;
	j->waited_ms += took < TICK_MS ? took : TICK_MS;
	if (j->limits.time_ms > 0 && j->waited_ms >
	    v2m_limits_time_ms(&j->limits, j->length, sound_ms(j)))
		return v2m_media_spent(err, is_check(j) ?
		    "looking for sound took longer than it may" :
		    "decoder ran into its limit of time (media_time)");
	return 0;
}

/* Send the child its number of threads, if that has changed. */
static void
send_thread_share(struct job *j)
{
	struct v2m_wire_share w = {
		.magic = V2M_WIRE_SHARE, .version = V2M_WIRE_VERSION,
	};

	if (j->thread_share == 0 || j->reports < 0)
		return;
	w.threads = v2m_media_thread_share(j->media);
	if (w.threads != j->thread_share && send(j->reports, &w, sizeof w,
	    MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof w)
		j->thread_share = w.threads;
}

/* Watch the child until it has ended and all its reports were received. */
static int
watch_job(struct job *j, v2m_media_tick *tick, void *arg, struct v2m_err *err)
{
	while (!j->ended) {
		struct pollfd p[3] = {
			{ .fd = j->lifeline, .events = POLLIN },
			{ .fd = j->reports, .events = POLLIN },
			{ .fd = j->source.fd,
			  .events = v2m_source_events(&j->source) },
		};

		if (wait_for_child(j, p, 3, err) < 0)
			return -1;
		if (p[1].revents != 0 && hear_reports(j, 32, err) < 0)
			return -1;
		if (p[2].revents != 0 && v2m_source_work(&j->source, err) < 0)
			return -1;
		if (p[0].revents != 0 && hear_end(j, err) < 0)
			return -1;
		if (maybe_tick(j, tick, arg, err) < 0)
			return -1;
		send_thread_share(j);
	}
	/* It has ended, so no more than a socket's buffer is left. */
	return j->reports >= 0 ? hear_reports(j, INT_MAX, err) : 0;
}

/* Kill the child.  If it has an output, wait until it has ended, so that the
 * output does not change after we return. */
static void
kill_child(struct job *j)
{
	int64_t end = v2m_mono_ms() + KILL_MS, left;

	shutdown(j->lifeline, SHUT_WR);
	if (j->reports >= 0)
		close(j->reports);
	j->reports = -1;
	v2m_source_release(&j->source);
	if (j->thread_share == 0)
		return;
	while (!j->ended && (left = end - v2m_mono_ms()) > 0) {
		struct pollfd p = { .fd = j->lifeline, .events = POLLIN };

		if (poll(&p, 1, (int)left) > 0 && hear_end(j, NULL) < 0)
			break;
	}
}

static int
judge_signal(const struct job *j, int signal, struct v2m_err *err)
{
	const char *name = sigabbrev_np(signal);

	if (signal == SIGKILL)
		return v2m_err_set(err, V2M_TEMP,
		    "decoder killed from outside (out of memory?)");
	if (signal == SIGXCPU)
		return v2m_media_spent(err, is_check(j) ?
		    "looking for sound took longer than it may, in CPU time" :
		    "decoder ran into its limit of CPU time (media_cpu)");
	if (signal == SIGSYS)
		return v2m_media_forbidden("?", err);
	return v2m_err_set(err, V2M_FAILED, "decoder crashed (SIG%s)",
	    name != NULL ? name : "?");
}

/* Judge the job's end.  0: success; -1 with err. */
static int
judge_end(struct job *j, struct v2m_err *err)
{
	int status = j->end.status;

	if (j->end.fork_errno != 0) {
		errno = j->end.fork_errno;
		return v2m_err_sys(err, V2M_TEMP, "cannot start a decoder");
	}
	if (WIFSIGNALED(status))
		return judge_signal(j, WTERMSIG(status), err);
	if (j->told.failed)
		return v2m_err_pass(err, &j->told.failure);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return v2m_err_set(err, V2M_FAILED,
		    "decoder ended with status %d", WEXITSTATUS(status));
	if (!j->told.done)
		return v2m_err_set(err, V2M_FAILED,
		    "decoder ended without a message");
	return 0;
}

/* Run a job; reports fill the result and tracks of `to`.  w->resets is set if
 * another try with it makes sense. */
static int
run_job(struct v2m_media *m, struct v2m_wire_job *w,
    const struct v2m_media_input *in, int out_fd, v2m_media_tick *tick,
    void *arg, const struct v2m_reports *to, struct v2m_err *err)
{
	struct v2m_media_result *result = to->result;
	struct job j = {
		.lifeline = -1, .reports = -1, .source.fd = -1,
		.told = { .result = result, .tracks = to->tracks,
		    .kind = w->kind, .percent = -1 },
		.ticked_percent = -1, .media = m, .thread_share = w->share,
	};
	struct theirs t = { .n = 0 };
	int ret = -1;

	memset(result, 0, sizeof *result);
	if (in->length == 0 && w->kind != V2M_WIRE_SANDBOX)
		return v2m_err_set(err, V2M_DATA, "there is nothing in it");
	result->claimed_ms = -1;
	w->by_request = in->fd < 0;
	v2m_hint(w->hint, in->name);
	w->length = j.length = in->length;
	v2m_media_limits(m, &j.limits, &j.max_duration_ms);
	v2m_limits_narrow(&j.limits, w->kind);
	v2m_limits_fill(&w->limits, &j.limits, in->length);
	if (job_init(&j, in, &t, err) < 0)
		goto out;
	j.source.most = j.limits.read_bytes;
	if (w->kind == V2M_WIRE_CONVERT)
		theirs_add(&t, out_fd, false);
	if (v2m_media_send(m, w, t.fds, t.n, &j.engine, err) < 0)
		goto out;
	theirs_close(&t);
	j.ticked_ms = v2m_mono_ms();
	if (watch_job(&j, tick, arg, err) < 0) {
		kill_child(&j);
		if (j.lost)
			v2m_media_lost(m, j.engine);
		goto out;
	}
	if (judge_end(&j, err) < 0) {
		w->resets = j.told.torn && w->resets == 0;
		goto out;
	}
	result->cpu_ms = j.end.cpu_us / 1000;
	result->peak_kib = j.end.peak_kib;
	ret = 0;
out:
	theirs_close(&t);
	job_release(&j);
	return ret;
}

/* Compare the MP3 with what the child reported. */
static int
read_back(int fd, const struct v2m_media_result *r, struct v2m_err *err)
{
	struct v2m_mp3 mp3;

	if (v2m_mp3_walk(fd, &mp3, err) < 0) {
		if (err != NULL && err->code == V2M_DATA)
			err->code = V2M_BUG;
		return -1;
	}
	if (mp3.samples != r->samples || mp3.frames != r->frames ||
	    mp3.bytes != r->bytes || mp3.rate_hz != r->rate_hz ||
	    mp3.channels != r->channels)
		return v2m_err_set(err, V2M_BUG, "the MP3 read back has %"
		    PRId64 " samples in %" PRId64 " frames and %" PRId64
		    " bytes, not %" PRId64 ", %" PRId64 " and %" PRId64,
		    mp3.samples, mp3.frames, mp3.bytes, r->samples, r->frames,
		    r->bytes);
	return 0;
}

static int
check_file(int fd, const char *what, struct v2m_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot use the %s", what);
	if (!S_ISREG(st.st_mode))
		return v2m_err_set(err, V2M_BUG,
		    "the %s is not a regular file", what);
	return 0;
}

int
v2m_media_until_stopped(void *arg, int percent, struct v2m_err *err)
{
	(void)arg;
	(void)percent;
	return v2m_stop_check(err);
}

int
v2m_media_convert(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, int out_fd, v2m_media_tick *tick,
    void *tick_arg, struct v2m_media_result *result, struct v2m_err *err)
{
	struct v2m_wire_job w = {
		.kind = V2M_WIRE_CONVERT,
		.settings = *settings,
		.threads = v2m_media_threads(m),
	};
	const struct v2m_reports to = { .result = result };
	int ret;

	if ((in->fd >= 0 && check_file(in->fd, "input", err) < 0) ||
	    check_file(out_fd, "output", err) < 0)
		return -1;
	v2m_media_begin(m);
	w.share = v2m_media_thread_share(m);
	ret = run_job(m, &w, in, out_fd, tick, tick_arg, &to, err);
	if (ret < 0 && w.resets != 0)
		ret = run_job(m, &w, in, out_fd, tick, tick_arg, &to, err);
	v2m_media_end(m);
	return ret < 0 ? -1 : read_back(out_fd, result, err);
}

int
v2m_media_probe(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, v2m_media_tick *tick, void *tick_arg,
    struct v2m_media_result *result, struct v2m_err *err)
{
	struct v2m_wire_job w = { .kind = V2M_WIRE_PROBE,
	    .settings = *settings };
	const struct v2m_reports to = { .result = result };
	struct v2m_err why;
	int ret;

	if (in->fd >= 0 && check_file(in->fd, "input", err) < 0)
		return -1;
	ret = run_job(m, &w, in, -1, tick, tick_arg, &to, &why);
	/* The worker that lent the engine may have ended or been stopped: try
	 * again with an engine of our own. */
	if (ret < 0 && (why.code == V2M_TEMP || v2m_media_is_spent(&why)) &&
	    v2m_stop_count() == 0 && v2m_media_give_back(m))
		ret = run_job(m, &w, in, -1, tick, tick_arg, &to, &why);
	if (ret == 0)
		return 0;
	v2m_err_pass(err, &why);
	return v2m_media_tell_way_out(err);
}

int
v2m_media_list_tracks(struct v2m_media *m, const struct v2m_media_input *in,
    v2m_media_tick *tick, void *tick_arg, struct v2m_media_tracks *tracks,
    struct v2m_err *err)
{
	struct v2m_wire_job w = { .kind = V2M_WIRE_TRACKS };
	struct v2m_media_result result;
	const struct v2m_reports to = { .result = &result, .tracks = tracks };

	memset(tracks, 0, sizeof *tracks);
	if (in->fd >= 0 && check_file(in->fd, "input", err) < 0)
		return -1;
	return run_job(m, &w, in, -1, tick, tick_arg, &to, err);
}

int
v2m_media_ask_sandbox(struct v2m_media *m, struct v2m_media_sandbox *sandbox,
    struct v2m_err *err)
{
	struct v2m_wire_job w = { .kind = V2M_WIRE_SANDBOX };
	struct v2m_media_input in = { .fd = open("/dev/null",
	    O_RDONLY | O_CLOEXEC) };
	struct v2m_media_result result;
	const struct v2m_reports to = { .result = &result };
	int ret;

	if (in.fd < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot open /dev/null");
	ret = run_job(m, &w, &in, -1, NULL, NULL, &to, err);
	close(in.fd);
	/* It reads no file, so it was ended from outside. */
	if (ret < 0 && err != NULL && err->code == V2M_FAILED)
		err->code = V2M_TEMP;
	if (ret < 0)
		return v2m_media_tell_way_out(err);
	*sandbox = result.sandbox;
	return 0;
}
