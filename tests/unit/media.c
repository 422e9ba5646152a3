/* The media program, seen from the parent: honest jobs, children that die, and
 * engines and children that lie, which are this program under the engine's
 * name. */
#include "media/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/private.h"
#include "media/walk.h"

#include "tap.h"

#define RATE 44100

/* --- a WAV in a nameless file --- */

static void
put(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static int
nameless(void)
{
	char name[] = "/tmp/v2m-media.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	return fd;
}

static int
make_wav(int samples)
{
	uint8_t head[44] = "RIFF....WAVEfmt ....\1\0\2\0........\4\0\20\0data";
	int16_t *pcm = malloc((size_t)samples * 4 + 1);
	int fd = nameless();

	put(head + 4, 36 + (uint32_t)samples * 4);
	put(head + 16, 16);
	put(head + 24, RATE);
	put(head + 28, RATE * 4);
	put(head + 40, (uint32_t)samples * 4);
	for (int i = 0; i < samples; i++)
		pcm[2 * i] = pcm[2 * i + 1] = (int16_t)((i * 131 & 0x3fff) *
		    (i >> 9 & 7) / 8 - 0x1000);
	if (write(fd, head, 44) != 44 || write(fd, pcm,
	    (size_t)samples * 4) != samples * 4)
		abort();
	free(pcm);
	return fd;
}

/* valgrind does not work within these limits; sanitizers have no filter. */
static struct v2m_media_limits
usual_limits(void)
{
	return (struct v2m_media_limits){
		.sandbox = getenv("V2M_TEST_VALGRIND") != NULL ?
		    V2M_SANDBOX_NO : V2M_SANDBOX_PARTLY,
		.memory_bytes = INT64_C(512) << 20
	};
}

static struct v2m_media_input
input_of(int fd)
{
	struct v2m_media_input in = { .fd = fd };
	struct stat st;

	fstat(fd, &st);
	in.length = st.st_size;
	return in;
}

static ssize_t
read_through(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	(void)err;
	/* Sometimes fewer bytes than asked for, as pread(2) may return. */
	return pread(*(int *)arg, buf, n > 1000 ? n / 2 : n, offset);
}

static ssize_t
read_badly(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	if (offset > 100000)
		return v2m_err_set(err, V2M_UNAVAILABLE, "store away");
	return pread(*(int *)arg, buf, n, offset);
}

static int
convert(struct v2m_media *m, struct v2m_media_input in, v2m_media_tick *tick,
    void *arg, int *out, struct v2m_media_result *r, struct v2m_err *err)
{
	struct v2m_settings s;
	int fd = nameless(), ret;

	v2m_settings_init(&s);
	memset(err, 0, sizeof *err);
	ret = v2m_media_convert(m, &in, &s, fd, tick, arg, r, err);
	if (out != NULL)
		*out = fd;
	else
		close(fd);
	return ret;
}

static int
probe(struct v2m_media *m, const struct v2m_media_input *in,
    struct v2m_media_result *r, struct v2m_err *err)
{
	struct v2m_settings s;

	v2m_settings_init(&s);
	return v2m_media_probe(m, in, &s, NULL, NULL, r, err);
}

/* --- honest jobs --- */

static bool
same_content(int a, int b)
{
	char x[4096], y[4096];
	int64_t at = 0;
	ssize_t n, k;

	do {
		n = pread(a, x, sizeof x, at);
		k = pread(b, y, sizeof y, at);
		at += n;
	} while (n > 0 && n == k && memcmp(x, y, (size_t)n) == 0);
	return n == 0 && k == 0;
}

static int
count_ticks(void *arg, int percent, struct v2m_err *err)
{
	int *ticks = arg;

	(void)err;
	if (percent >= 0 && percent <= 100)
		++*ticks;
	return 0;
}

static void
honest(struct v2m_media *m)
{
	int wav = make_wav(5 * RATE + 7), direct, asked, ticks = 0;
	struct v2m_media_input in = input_of(wav), by_request = in;
	struct v2m_media_result r;
	struct v2m_err err;

	lseek(wav, 5, SEEK_SET);
	ok(convert(m, in, count_ticks, &ticks, &direct, &r, &err) == 0,
	    "a WAV converts");
	ok(r.samples == 5 * RATE + 7, "all its samples are told of");
	ok(r.source_samples == r.samples && r.filled_samples == 0,
	    "all of them the source's");
	ok(r.rate_hz == RATE && r.channels == 2, "its rate and its channels");
	ok(r.duration_ms == 5000, "its duration");
	ok(r.nwarnings == 0, "no warning");
	is(r.codec, "pcm_s16le", "and its codec");
	/* A parent that is delayed sees only the last one. */
	ok(ticks > 0, "percents were told");
	ok(lseek(wav, 0, SEEK_CUR) == 5, "the input's offset stays");
	by_request.fd = -1;
	by_request.pread = read_through;
	by_request.arg = &wav;
	ok(convert(m, by_request, NULL, NULL, &asked, &r, &err) == 0,
	    "and by request");
	ok(same_content(direct, asked), "to the same bytes");
	ok(probe(m, &in, &r, &err) == 0, "a WAV can be probed");
	ok(r.source_rate_hz == RATE && r.source_channels == 2,
	    "a probe tells rate and channels");
	ok(r.claimed_ms == 5000 && r.samples == 0,
	    "and the duration that is claimed");
	by_request.pread = read_badly;
	ok(convert(m, by_request, NULL, NULL, NULL, &r, &err) < 0 &&
	    err.code == V2M_UNAVAILABLE, "the input's failure is the job's");
	is(err.msg, "store away", "in its words");
	close(wav);
	close(direct);
	close(asked);
}

struct counted {
	int fd;
	int64_t bytes, fails_at;	/* INT64_MAX: never */
};

static ssize_t
read_counted(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	struct counted *c = arg;

	c->bytes += (int64_t)n;
	if (c->bytes > c->fails_at)
		return v2m_err_set(err, V2M_UNAVAILABLE, "store away");
	return pread(c->fd, buf, n, offset);
}

static int
never_back(void *arg, int percent, struct v2m_err *err)
{
	int *last = arg;

	if (percent < *last)
		return v2m_err_set(err, V2M_BUG, "%d %% behind %d %%",
		    percent, *last);
	*last = percent;
	return 0;
}

/* A target loudness needs two passes. */
static void
twice(struct v2m_media *m)
{
	struct counted c = { make_wav(20 * RATE), 0, INT64_MAX };
	struct v2m_media_input in = input_of(c.fd), by_request = in;
	int direct = nameless(), asked = nameless(), percent = -1;
	struct v2m_settings s;
	struct v2m_media_result r;
	struct v2m_err err;

	v2m_settings_init(&s);
	s.loudness = -200;
	by_request.fd = -1;
	by_request.pread = read_counted;
	by_request.arg = &c;
	ok(v2m_media_convert(m, &in, &s, direct, never_back, &percent, &r,
	    &err) == 0 && percent == 100, "to a loudness");
	ok(r.loudness.measured && r.loudness.lufs < -5,
	    "what was measured is told");
	ok(r.loudness.gain_db < 0, "a loud one is turned down");
	ok(r.samples == 20 * RATE, "no sample is lost by it");
	ok(v2m_media_convert(m, &by_request, &s, asked, NULL, NULL, &r,
	    &err) == 0 && same_content(direct, asked),
	    "by request, the same bytes");
	/* Some bytes are still in the parent's cache. */
	ok(c.bytes > in.length * 7 / 4 && c.bytes < in.length * 9 / 4,
	    "read twice, and no more often");
	c.fails_at = in.length * 3 / 2;
	c.bytes = 0;
	ok(ftruncate(asked, 0) == 0 && v2m_media_convert(m, &by_request, &s,
	    asked, NULL, NULL, &r, &err) < 0 && err.code == V2M_UNAVAILABLE,
	    "a failure at the second time");
	close(c.fd);
	close(direct);
	close(asked);
}

static void
hopeless(struct v2m_media *m)
{
	int silent = make_wav(0), empty = nameless(), folder;
	struct v2m_media_result r;
	struct v2m_err err;

	ok(convert(m, input_of(silent), NULL, NULL, NULL, &r, &err) < 0 &&
	    err.code == V2M_DATA, "no sample");
	is(err.msg, "no sound in it", "is no sound");
	ok(probe(m, &(struct v2m_media_input){ .fd = silent,
	    .length = 44 }, &r, &err) < 0 &&
	    err.code == V2M_DATA, "for a probe as well");
	ok(convert(m, input_of(empty), NULL, NULL, NULL, &r, &err) < 0 &&
	    err.code == V2M_DATA, "an empty file is no media");
	folder = open("/", O_RDONLY);
	ok(convert(m, input_of(folder), NULL, NULL, NULL, &r, &err) < 0,
	    "nor is a folder");
	close(silent);
	close(empty);
	close(folder);
}

static void *
one_of_many(void *arg)
{
	int wav = make_wav(RATE);
	struct v2m_media_result r;
	struct v2m_err err;
	intptr_t good = 1;

	for (int i = 0; i < 3; i++) {
		if (convert(arg, input_of(wav), NULL, NULL, NULL, &r,
		    &err) == 0 && r.samples == RATE)
			continue;
		printf("# %s\n", err.msg);
		good = 0;
	}
	close(wav);
	return (void *)good;
}

static void
many(struct v2m_media *m)
{
	pthread_t threads[8];
	bool good = true;
	void *ret;

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, one_of_many, m);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &ret);
		good &= ret != NULL;
	}
	ok(good, "many threads at a time");
}

/* --- deaths --- */

/* The first child of a process, from /proc. */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%d", &child) != 1)
		child = 0;
	if (f != NULL)
		fclose(f);
	return child;
}

static int
kill_it(void *arg, int percent, struct v2m_err *err)
{
	const int *signal = arg;
	pid_t helper = child_of(getpid()), child = child_of(helper);

	(void)percent;
	(void)err;
	if (child > 0)
		kill(child, *signal);
	return 0;
}

static int
kill_helper(void *arg, int percent, struct v2m_err *err)
{
	(void)arg;
	(void)percent;
	(void)err;
	kill(child_of(getpid()), SIGKILL);
	return 0;
}

static int
say_stop(void *arg, int percent, struct v2m_err *err)
{
	(void)arg;
	return percent < 1 ? 0 : v2m_err_set(err, V2M_DENIED, "lease lost");
}

static void
deaths(struct v2m_media *m)
{
	int wav = make_wav(120 * RATE), signal = SIGABRT;
	struct v2m_media_input in = input_of(wav);
	struct v2m_media_result r;
	struct v2m_err err;

	ok(convert(m, in, kill_it, &signal, NULL, &r, &err) < 0 &&
	    err.code == V2M_FAILED, "a crash is an attempt that failed");
	is(err.msg, "decoder crashed (SIGABRT)", "and says so");
	signal = SIGKILL;
	ok(convert(m, in, kill_it, &signal, NULL, &r, &err) < 0 &&
	    err.code == V2M_TEMP, "SIGKILL from outside is temporary");
	ok(convert(m, in, say_stop, NULL, NULL, &r, &err) < 0 &&
	    err.code == V2M_DENIED, "a tick ends the job");
	is(err.msg, "lease lost", "with its own reason");
	ok(child_of(child_of(getpid())) == 0, "and no child is left");
	ok(convert(m, in, kill_helper, NULL, NULL, &r, &err) < 0 &&
	    err.code == V2M_TEMP, "the helper's death is temporary");
	close(wav);
	wav = make_wav(RATE);
	ok(convert(m, input_of(wav), NULL, NULL, NULL, &r, &err) == 0,
	    "a new one does the next job");
	close(wav);
}

/* --- reports that make no sense --- */

static struct v2m_wire_report
report(enum v2m_wire_what what)
{
	struct v2m_wire_report w;

	memset(&w, 0, sizeof w);
	w.magic = V2M_WIRE_REPORT;
	w.version = V2M_WIRE_VERSION;
	w.what = what;
	return w;
}

static bool
taken(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_reports_take(r, w, sizeof *w, &err);

	return ret == 0 || err.code != V2M_BUG;
}

static struct v2m_wire_report
done_report(void)
{
	struct v2m_wire_report w = report(V2M_WIRE_DONE);

	w.u.done.rate_hz = RATE;
	w.u.done.channels = 2;
	w.u.done.samples = w.u.done.frames = w.u.done.bytes = 1;
	return w;
}

#define FIELD(make, field, value) do {					\
	struct v2m_media_result res = { .nwarnings = 0 };		\
	struct v2m_reports r = { .result = &res,			\
	    .kind = V2M_WIRE_CONVERT, .source = true };			\
	struct v2m_wire_report w = make;				\
	w.field = value;						\
	ok(!taken(&r, &w), "refused: " #make ": " #field " " #value);	\
} while (0)

static void
wrong_fields(void)
{
	FIELD(report(V2M_WIRE_PROGRESS), magic, 1);
	FIELD(report(V2M_WIRE_PROGRESS), version, 99);
	FIELD(report(V2M_WIRE_PROGRESS), zero, 1);
	FIELD(report(V2M_WIRE_PROGRESS), what, 77);
	FIELD(report(V2M_WIRE_PROGRESS), u.progress.percent, 101);
	FIELD(report(V2M_WIRE_PROGRESS), u.progress.percent, -1);
	FIELD(report(V2M_WIRE_TAG), u.tag.value[0], 'x');
	FIELD(report(V2M_WIRE_FAILED), u.failed.code, V2M_DATA);
	FIELD(done_report(), u.done.rate_hz, 44101);
	FIELD(done_report(), u.done.rate_hz, -8000);
	FIELD(done_report(), u.done.channels, 3);
	FIELD(done_report(), u.done.channels, 0);
	FIELD(done_report(), u.done.samples, 0);
	FIELD(done_report(), u.done.samples, INT64_MAX);
	FIELD(done_report(), u.done.filled_samples, 2);
	FIELD(done_report(), u.done.filled_samples, -1);
	FIELD(done_report(), u.done.frames, 0);
	FIELD(done_report(), u.done.bytes, -1);
	FIELD(done_report(), u.done.damaged_packets, -1);
	FIELD(done_report(), u.done.warnings, UINT32_MAX);
	FIELD(done_report(), u.done.chapters, 256);
	FIELD(done_report(), u.done.chapters, -1);
	FIELD(done_report(), u.done.cover, 3);
	FIELD(done_report(), u.done.cover, V2M_COVER_PNG);
	FIELD(done_report(), u.done.cover_bytes, 1);
	FIELD(done_report(), u.done.cover_bytes, INT64_MAX);
	FIELD(done_report(), u.done.lufs, 10001);
	FIELD(done_report(), u.done.peak_dbtp, -30001);
	FIELD(done_report(), u.done.gain_db, V2M_WIRE_SILENCE);
	FIELD(done_report(), u.done.mix_peak_dbfs, 10001);
	FIELD(done_report(), u.done.mix_gain_db, V2M_WIRE_SILENCE);
}

static void
tracks_told(void)
{
	static struct v2m_media_tracks tracks;
	struct v2m_media_result res = { .nwarnings = 0 };
	struct v2m_reports r = { .result = &res, .kind = V2M_WIRE_TRACKS };
	struct v2m_wire_report w = report(V2M_WIRE_TRACK);
	bool good = true;

	w.u.track.number = 1;
	ok(!taken(&r, &w), "a track that nobody asked for");
	r.tracks = &tracks;
	w.u.track.number = 2;
	ok(!taken(&r, &w), "the second before the first");
	w.u.track.number = 1;
	w.u.track.rate_hz = -1;
	ok(!taken(&r, &w), "at less than no rate");
	w.u.track.rate_hz = 0;
	memset(w.u.track.language, 'x', sizeof w.u.track.language);
	ok(!taken(&r, &w), "in a language without an end");
	strcpy(w.u.track.language, "d\te");
	for (int i = 1; i <= V2M_MEDIA_TRACKS; i++) {
		w.u.track.number = i;
		good &= taken(&r, &w);
	}
	ok(good && tracks.n == V2M_MEDIA_TRACKS, "as many as there may be");
	is(tracks.tracks[0].language, "d?e", "with texts made safe");
	w.u.track.number = V2M_MEDIA_TRACKS + 1;
	ok(!taken(&r, &w), "one more");
	w = report(V2M_WIRE_DONE);
	ok(taken(&r, &w) && r.done, "that was all");
}

static void
lies(void)
{
	struct v2m_media_result res = { .nwarnings = 0 };
	struct v2m_reports r = { .result = &res, .kind = V2M_WIRE_CONVERT };
	struct v2m_wire_report w = report(V2M_WIRE_SOURCE), done;

	memset(w.u.source.format, 'x', sizeof w.u.source.format);
	ok(!taken(&r, &w), "a text without an end");
	done = done_report();
	ok(!taken(&r, &done), "done, but with what?");
	strcpy(w.u.source.format, "a\033[31mb");
	ok(taken(&r, &w), "a source");
	is(res.format, "a?[31mb", "with its text made safe");
	ok(!taken(&r, &w), "once is enough");
	w = report(V2M_WIRE_WARNING);
	for (int i = 0; i < V2M_MEDIA_WARNINGS; i++)
		taken(&r, &w);
	ok(!taken(&r, &w), "more warnings than there is room for");
	ok(!taken(&r, &done), "fewer warnings in the end than were told");
	done.u.done.warnings = V2M_MEDIA_WARNINGS;
	ok(taken(&r, &done) && r.done, "a report of the end is taken");
	w = report(V2M_WIRE_PROGRESS);
	ok(!taken(&r, &w), "and not a word more");
	ok(v2m_reports_take(&r, &w, sizeof w - 1, NULL) < 0, "a cut message");
}

/* --- lying engines: this program under the engine's name --- */

struct stub {
	struct v2m_wire_job job;
	int lifeline, reports, input;
};

static bool
stub_take(struct stub *s)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} room;
	struct iovec iov = { &s->job, sizeof s->job };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = room.bytes, .msg_controllen = sizeof room };
	int fds[4];

	if (recvmsg(V2M_WIRE_CONTROL_FD, &msg, 0) != sizeof s->job)
		return false;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fds);
	s->lifeline = fds[0];
	s->reports = fds[1];
	s->input = fds[2];
	return true;
}

static void
stub_tell(const struct stub *s, struct v2m_wire_report w)
{
	(void)send(s->reports, &w, sizeof w, MSG_NOSIGNAL);
}

static void
stub_lie_about_result(const struct stub *s)
{
	struct v2m_wire_report w = done_report();

	stub_tell(s, report(V2M_WIRE_SOURCE));
	stub_tell(s, w);
}

static void
stub_fail(const struct stub *s, enum v2m_code code, const char *text)
{
	struct v2m_wire_report w = report(V2M_WIRE_FAILED);

	w.u.failed.code = (int32_t)code;
	snprintf(w.u.failed.text, sizeof w.u.failed.text, "%s", text);
	stub_tell(s, w);
}

static int32_t
stub_ask_in(const struct stub *s, uint32_t pass, uint64_t offset,
    uint32_t length)
{
	static char buf[V2M_WIRE_ASK_MAX];
	struct v2m_wire_ask a = { offset, length, pass };
	int32_t n = 0;

	if (send(s->input, &a, sizeof a, MSG_NOSIGNAL) != sizeof a ||
	    recv(s->input, &n, sizeof n, MSG_WAITALL) != sizeof n)
		return -EPIPE;
	if (n > 0 && recv(s->input, buf, (size_t)n, MSG_WAITALL) != n)
		return -EPIPE;
	return n;
}

static int32_t
stub_ask(const struct stub *s, uint64_t offset, uint32_t length)
{
	return stub_ask_in(s, 0, offset, length);
}

/* Ask for bytes beyond the end, and report the answer. */
static void
stub_ask_beyond(const struct stub *s)
{
	uint64_t length = (uint64_t)s->job.length;
	bool good = stub_ask(s, length, 1) == -EINVAL &&
	    stub_ask(s, length - 1, 2) == -EINVAL &&
	    stub_ask(s, UINT64_MAX, 100) == -EINVAL &&
	    stub_ask(s, 0, 0) == -EINVAL &&
	    stub_ask(s, 0, V2M_WIRE_ASK_MAX + 1) == -EINVAL &&
	    stub_ask_in(s, V2M_WIRE_PASSES, 0, 1) == -EINVAL &&
	    stub_ask(s, length - 1, 1) == 1 &&
	    stub_ask_in(s, 2, 0, 1) == 1 &&
	    stub_ask_in(s, 1, 0, 1) == -EINVAL;

	stub_fail(s, V2M_DATA, good ? "refused" : "answered");
}

static void
stub_ask_for_ever(const struct stub *s)
{
	uint32_t length = s->job.length < V2M_WIRE_ASK_MAX ?
	    (uint32_t)s->job.length : V2M_WIRE_ASK_MAX;

	while (stub_ask(s, 0, length) > 0)
		;
}

/* Announce far more than will be asked for, and also nothing. */
static void
stub_announce(const struct stub *s)
{
	struct v2m_wire_ask a = { .pass = V2M_WIRE_SOON };

	stub_ask(s, 0, 1);
	for (int i = 0; i < 400; i++) {
		a.length = i % 2 == 0 ? 0 : 64 * 1024;
		(void)send(s->input, &a, sizeof a, MSG_NOSIGNAL);
	}
	stub_ask(s, 0, 1);
	stub_fail(s, V2M_DATA, "announced");
}

static void
stub_flood(const struct stub *s)
{
	struct v2m_wire_report w = report(V2M_WIRE_PROGRESS);

	/* Until the parent closes the socket: its tick must still be called. */
	while (send(s->reports, &w, sizeof w, MSG_NOSIGNAL) == sizeof w)
		w.u.progress.percent = (w.u.progress.percent + 1) % 100;
}

static void
stub_do(const struct stub *s, const char *mode)
{
	if (strcmp(mode, "garbage") == 0)
		(void)send(s->reports, "garbage", 7, MSG_NOSIGNAL);
	else if (strcmp(mode, "done") == 0)
		stub_lie_about_result(s);
	else if (strcmp(mode, "escape") == 0)
		stub_fail(s, V2M_DATA, "\033]0;gotcha\a");
	else if (strcmp(mode, "code") == 0)
		stub_fail(s, V2M_DENIED, "no such code");
	else if (strcmp(mode, "beyond") == 0)
		stub_ask_beyond(s);
	else if (strcmp(mode, "again") == 0)
		stub_ask_for_ever(s);
	else if (strcmp(mode, "announce") == 0)
		stub_announce(s);
	else if (strcmp(mode, "flood") == 0)
		stub_flood(s);
	else if (strcmp(mode, "hang") == 0)
		poll(&(struct pollfd){ s->lifeline, POLLRDHUP, 0 }, 1, -1);
	else if (strcmp(mode, "die") == 0)
		_exit(1);
}

static int
stub(const char *mode)
{
	struct v2m_wire_hello hello = { V2M_WIRE_HELLO, V2M_WIRE_VERSION };
	struct v2m_wire_end end = {
		.magic = V2M_WIRE_END, .version = V2M_WIRE_VERSION
	};
	struct stub s;

	if (strcmp(mode, "mute") == 0)
		return 0;
	if (strcmp(mode, "old") == 0)
		hello.version++;
	send(V2M_WIRE_CONTROL_FD, &hello, sizeof hello, MSG_NOSIGNAL);
	while (stub_take(&s)) {
		stub_do(&s, mode);
		send(s.lifeline, &end, sizeof end, MSG_NOSIGNAL);
		close(s.lifeline);
		close(s.reports);
		close(s.input);
	}
	return 0;
}

static struct v2m_media *
start_stub(const char *mode, struct v2m_err *err)
{
	char dir[] = "/tmp/v2m-stub.XXXXXX", sub[64], path[128], self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	struct v2m_media *m;

	self[n < 0 ? 0 : n] = '\0';
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(sub, sizeof sub, "%s/%s", dir, mode);
	snprintf(path, sizeof path, "%s/v2m-media", sub);
	if (mkdir(sub, 0700) < 0 || symlink(self, path) < 0)
		abort();
	setenv("V2M_LIBEXECDIR", sub, 1);
	m = v2m_media_start(err);
	unsetenv("V2M_LIBEXECDIR");
	unlink(path);
	rmdir(sub);
	rmdir(dir);
	return m;
}

static int
stop_soon(void *arg, int percent, struct v2m_err *err)
{
	int *ticks = arg;

	(void)percent;
	return ++*ticks < 3 ? 0 : v2m_err_set(err, V2M_TEMP, "enough");
}

static void
liar(const char *mode, enum v2m_code code, const char *msg)
{
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_media *m = start_stub(mode, &err);
	int wav = make_wav(1000);
	/* A liar that ends by itself is not stopped earlier. */
	int ticks = code == V2M_TEMP ? 0 : INT_MIN;
	struct v2m_media_input in = input_of(wav);
	struct v2m_media_result r;

	in.fd = -1;
	in.pread = read_through;
	in.arg = &wav;
	if (m != NULL)
		convert(m, in, stop_soon, &ticks, NULL, &r, &err);
	ok(err.code == code, mode);
	if (err.code != code || msg != NULL)
		is(err.msg, msg == NULL ? "" : msg, "and why");
	v2m_media_free(m);
	close(wav);
}

static void
liars(void)
{
	liar("mute", V2M_TEMP, NULL);
	liar("old", V2M_CONFIG, NULL);
	liar("garbage", V2M_BUG, NULL);
	liar("done", V2M_BUG, NULL);
	liar("escape", V2M_DATA, "?]0;gotcha?");
	liar("code", V2M_BUG, NULL);
	liar("nothing", V2M_FAILED, "decoder ended without a message");
	liar("beyond", V2M_DATA, "refused");
	liar("again", V2M_DATA, NULL);
	liar("flood", V2M_TEMP, "enough");
	liar("hang", V2M_TEMP, "enough");
	liar("die", V2M_TEMP, NULL);
}

static int announced, announced_nothing;

static void
note_ahead(void *arg, size_t n, int64_t offset)
{
	(void)arg;
	(void)offset;
	announced++;
	announced_nothing += n == 0;
}

static void
announces(void)
{
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_media *m = start_stub("announce", &err);
	int wav = make_wav(20000);
	struct v2m_media_input in = input_of(wav);
	struct v2m_media_result r;

	in.fd = -1;
	in.pread = read_through;
	in.ahead = note_ahead;
	in.arg = &wav;
	convert(m, in, NULL, NULL, NULL, &r, &err);
	is(err.msg, "announced", "one that announces a lot");
	ok(announced > 0 && announced <= 64, "gets little of it");
	ok(announced_nothing == 0, "and never nothing");
	v2m_media_free(m);
	close(wav);
}

static int64_t slept_ms;

static ssize_t
read_slowly(void *arg, void *buf, size_t n, int64_t offset, struct v2m_err *err)
{
	const struct timespec nap = { .tv_nsec = 120 * 1000 * 1000 };

	nanosleep(&nap, NULL);
	slept_ms += 120;
	return read_through(arg, buf, n, offset, err);
}

/* Time that a child waits for its input does not count. */
static void
waits(struct v2m_media *m)
{
	struct v2m_media_limits brief = usual_limits();
	int wav = make_wav(5 * RATE);
	struct v2m_media_input in = input_of(wav);
	struct v2m_media_result r;
	struct v2m_err err;

	in.fd = -1;
	in.pread = read_slowly;
	in.arg = &wav;
	brief.time_ms = 3000;
	v2m_media_set_limits(m, &brief);
	ok(convert(m, in, NULL, NULL, NULL, &r, &err) == 0,
	    "a store that is slow ends no job");
	ok(slept_ms > brief.time_ms, "though it takes longer than one may");
	close(wav);
}

/* A check of an upload has much lower limits than a conversion. */
static void
checks(void)
{
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_media *m = start_stub("again", &err);
	int wav = make_wav(20000);
	struct v2m_media_input in = input_of(wav);
	struct v2m_media_result r;
	int64_t begun;

	in.fd = -1;
	in.pread = read_through;
	in.arg = &wav;
	ok(probe(m, &in, &r, &err) < 0 &&
	    v2m_media_is_spent(&err), "a check that reads on and on");
	is(err.msg, "looking for sound read more than it may", "says so");
	v2m_media_free(m);
	m = start_stub("hang", &err);
	begun = v2m_mono_ms();
	ok(probe(m, &in, &r, &err) < 0 &&
	    v2m_media_is_spent(&err), "one that hangs");
	ok(v2m_mono_ms() - begun >= 9000, "is given some time");
	v2m_media_free(m);
	close(wav);
}

/* --- settings, changed by another thread --- */

static _Atomic bool settings_stop;

static void *
change_settings(void *arg)
{
	struct v2m_media_limits limits = { .sandbox = V2M_SANDBOX_PARTLY };
	int64_t n = 1;

	while (!settings_stop) {
		n = n % 100 + 1;
		limits.memory_bytes = limits.cpu_ms = limits.time_ms = n;
		v2m_media_set_limits(arg, &limits);
	}
	return NULL;
}

static void
torn(struct v2m_media *m)
{
	struct v2m_media_limits before, now;
	int64_t ms;
	pthread_t thread;
	int whole = 0, i;

	v2m_media_limits(m, &before, &ms);
	v2m_media_set_limits(m, &(struct v2m_media_limits){ 0 });
	pthread_create(&thread, NULL, change_settings, m);
	for (i = 0; i < 2000000; i++) {
		v2m_media_limits(m, &now, &ms);
		whole += now.memory_bytes == now.cpu_ms &&
		    now.cpu_ms == now.time_ms;
	}
	settings_stop = true;
	pthread_join(thread, NULL);
	v2m_media_set_limits(m, &before);
	ok(whole == i, "settings that another thread changes are never torn");
}

static int
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

int
main(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	const char *base = strrchr(name, '/');
	struct v2m_media_limits limits;
	struct v2m_err err;
	struct v2m_media *m;
	int before;

	if (base != NULL && strcmp(base, "/v2m-media") == 0) {
		char mode[64] = "";
		const char *start = base;

		while (start > name && start[-1] != '/')
			start--;
		snprintf(mode, sizeof mode, "%.*s", (int)(base - start), start);
		return stub(mode);
	}
	before = open_fds();
	m = v2m_media_start(&err);
	if (m == NULL)
		give_up("%s", err.msg);
	limits = usual_limits();
	v2m_media_set_limits(m, &limits);
	honest(m);
	twice(m);
	hopeless(m);
	many(m);
	deaths(m);
	torn(m);
	waits(m);
	v2m_media_free(m);
	ok(child_of(getpid()) == 0, "the helper ends with its handle");
	wrong_fields();
	tracks_told();
	lies();
	liars();
	announces();
	checks();
	ok(open_fds() == before, "no descriptor is left");
	return tap_done();
}
