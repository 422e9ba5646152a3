#include "engine/input.h"

#include <errno.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/wire.h"

#define STEP (4 * 1024)			/* libav's buffer; the least that is
					 * read */
#define AHEAD (64 * 1024)		/* the most that is read at once */
#define PART 8				/* of the bytes read in order: at most
					 * this part more is read than is
					 * used */
#define WINDOWS 8		/* cached places of the file */

/* A cached part of the file. */
struct window {
	int64_t at;
	size_t held;
	int64_t run;		/* bytes read in order, up to its end */
	unsigned long used;
	uint8_t bytes[AHEAD];
};

struct input {
	int fd;
	bool by_request;
	int64_t base;		/* the file begins at this offset, */
	int64_t length;		/* and is so long from there */
	int64_t at;		/* offset from base of the next read */
	int64_t bytes, reached;
	int64_t most;		/* limit of `bytes`; 0: none */
	int64_t pass_bytes;	/* read in this pass */
	uint32_t pass;
	unsigned long clock;	/* counts uses of windows */
	struct v2m_err err;	/* code V2M_OK: none */
	AVIOContext *io;
	struct window windows[WINDOWS];
};

static int
receive(struct input *in, void *buf, size_t n)
{
	char *p = buf;

	while (n > 0) {
		ssize_t got = recv(in->fd, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static ssize_t
ask(struct input *in, void *buf, size_t n, int64_t offset)
{
	struct v2m_wire_ask a = { (uint64_t)offset, (uint32_t)n, in->pass };
	int32_t answer;

	if (send(in->fd, &a, sizeof a, MSG_NOSIGNAL) != sizeof a ||
	    receive(in, &answer, sizeof answer) < 0) {
		errno = EIO;
		return -1;
	}
	if (answer <= 0 || (size_t)answer > n) {
		errno = answer < 0 ? -answer : EIO;
		return -1;
	}
	if (receive(in, buf, (size_t)answer) < 0) {
		errno = EIO;
		return -1;
	}
	return answer;
}

static int
check_limit(struct input *in, size_t n)
{
	if (in->most > 0 && in->bytes + (int64_t)n > in->most) {
		v2m_err_set(&in->err, V2M_FAILED, "looking for sound read "
		    "more than it may");
		in->err.sys = ETIME;
		return -1;
	}
	if (in->pass_bytes + (int64_t)n > V2M_WIRE_READ_LIMIT(in->base +
	    in->length))
		return v2m_err_set(&in->err, V2M_DATA,
		    "the file makes its reader go over it again and again");
	return 0;
}

/* Read up to n bytes from in->at, which is before the end. */
static ssize_t
fetch_bytes(struct input *in, void *buf, size_t n)
{
	int64_t left = in->length - in->at;
	ssize_t got;

	if ((int64_t)n > left)
		n = (size_t)left;
	if (n > V2M_WIRE_ASK_MAX)
		n = V2M_WIRE_ASK_MAX;
	if (check_limit(in, n) < 0)
		return -1;
	do
		got = in->by_request ? ask(in, buf, n, in->base + in->at) :
		    pread(in->fd, buf, n, in->base + in->at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		v2m_err_sys(&in->err, V2M_IO, "cannot read the input");
	else if (got == 0)
		v2m_err_set(&in->err, V2M_IO,
		    "the input became shorter while it was read");
	if (got <= 0)
		return -1;
	in->bytes += got;
	in->pass_bytes += got;
	if (in->base + in->at + got > in->reached)
		in->reached = in->base + in->at + got;
	return got;
}

static int64_t
window_end(const struct window *w)
{
	return w->at + (int64_t)w->held;
}

/* The window that has the byte at in->at, or NULL. */
static struct window *
window_here(struct input *in)
{
	for (int i = 0; i < WINDOWS; i++) {
		struct window *w = &in->windows[i];

		if (in->at >= w->at && in->at < window_end(w))
			return w;
	}
	return NULL;
}

/* The window to fill from in->at on: one that ends there, else the one not used
 * for the longest time. */
static struct window *
choose_window(struct input *in)
{
	struct window *oldest = &in->windows[0];

	for (int i = 0; i < WINDOWS; i++) {
		struct window *w = &in->windows[i];

		if (w->held > 0 && in->at == window_end(w))
			return w;
		if (w->used < oldest->used)
			oldest = w;
	}
	oldest->held = 0;
	oldest->run = 0;
	return oldest;
}

/* How much to fetch: more, the longer reading has gone on in order. */
static size_t
fetch_size(const struct window *w)
{
	int64_t n = w->run / PART;

	return n < STEP ? STEP : n > AHEAD ? AHEAD : (size_t)n;
}

/* How many of the n bytes from in->at on are in no window yet? */
static size_t
not_held(const struct input *in, size_t n)
{
	for (int i = 0; i < WINDOWS; i++) {
		const struct window *w = &in->windows[i];

		if (w->held > 0 && w->at > in->at &&
		    w->at - in->at < (int64_t)n)
			n = (size_t)(w->at - in->at);
	}
	return n;
}

/* Read bytes at in->at into a window; NULL: they cannot be read. */
static struct window *
refill(struct input *in)
{
	struct window *w = choose_window(in);
	ssize_t got;

	if (w->held + fetch_size(w) > AHEAD)
		w->held = 0;
	if (w->held == 0)
		w->at = in->at;
	got = fetch_bytes(in, w->bytes + w->held, not_held(in, fetch_size(w)));
	if (got <= 0)
		return NULL;
	w->held += (size_t)got;
	w->run += got;
	return w;
}

static int
read_some(void *opaque, uint8_t *buf, int size)
{
	struct input *in = opaque;
	size_t skip, n = (size_t)size;
	struct window *w;

	if (in->err.code != V2M_OK)
		return AVERROR(EIO);
	if (in->at >= in->length || size <= 0)
		return AVERROR_EOF;
	w = window_here(in);
	if (w == NULL && (w = refill(in)) == NULL)
		return AVERROR(EIO);
	w->used = ++in->clock;
	skip = (size_t)(in->at - w->at);
	if (n > w->held - skip)
		n = w->held - skip;
	memcpy(buf, w->bytes + skip, n);
	in->at += (int64_t)n;
	return (int)n;
}

bool
input_is_asked(const struct input *in)
{
	return in->by_request;
}

/* If the message is lost, reading only takes longer. */
void
input_soon(struct input *in, int64_t at, int64_t n)
{
	struct v2m_wire_ask a = { .pass = in->pass | V2M_WIRE_SOON };
	ssize_t ignored;

	if (at < 0 || at >= in->length)
		return;
	if (n > in->length - at)
		n = in->length - at;
	for (; n > 0; n -= a.length) {
		a.offset = (uint64_t)(in->base + at);
		a.length = (uint32_t)(n < V2M_WIRE_ASK_MAX ? n :
		    V2M_WIRE_ASK_MAX);
		ignored = send(in->fd, &a, sizeof a, MSG_NOSIGNAL);
		(void)ignored;
		at += a.length;
	}
}

int64_t
input_look(void *arg, int64_t at, void *buf, int64_t n)
{
	struct input *in = arg;
	int64_t before = in->at, done = 0;

	in->at = at;
	while (done < n) {
		int got = read_some(in, (uint8_t *)buf + done,
		    (int)(n - done < AHEAD ? n - done : AHEAD));

		if (got <= 0)
			break;
		done += got;
	}
	in->at = before;
	return done;
}

static int64_t
seek_input(void *opaque, int64_t offset, int whence)
{
	struct input *in = opaque;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return in->length;
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (offset > INT64_MAX - in->at)
			return AVERROR(EINVAL);
		offset += in->at;
		break;
	case SEEK_END:
		if (offset > 0)
			return AVERROR(EINVAL);
		offset += in->length;
		break;
	default:
		return AVERROR(EINVAL);
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	return in->at = offset;
}

static int
open_io(struct input *in, struct v2m_err *err)
{
	uint8_t *buf = av_malloc(STEP);

	if (buf != NULL)
		in->io = avio_alloc_context(buf, STEP, 0, in, read_some, NULL,
		    seek_input);
	if (buf != NULL && in->io != NULL)
		return 0;
	av_free(buf);
	return v2m_err_set(err, V2M_TEMP, "out of memory");
}

static void
close_io(struct input *in)
{
	if (in->io != NULL)
		av_freep(&in->io->buffer);
	avio_context_free(&in->io);
}

struct input *
input_open(int fd, bool by_request, int64_t length, struct v2m_err *err)
{
	struct input *in = calloc(1, sizeof *in);

	if (in == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	if (open_io(in, err) < 0) {
		free(in);
		return NULL;
	}
	in->fd = fd;
	in->by_request = by_request;
	in->length = length < 0 ? 0 : length;
	return in;
}

struct input *
input_beside(const struct input *in, struct v2m_err *err)
{
	struct input *other = input_open(in->fd, in->by_request,
	    in->base + in->length, err);

	if (other != NULL)
		other->pass = in->pass;
	return other;
}

int
input_rewind(struct input *in, struct v2m_err *err)
{
	in->reached = 0;
	return input_begin_at(in, 0, err);
}

int64_t
input_base(const struct input *in)
{
	return in->base;
}

int
input_begin_at(struct input *in, int64_t at, struct v2m_err *err)
{
	in->length += in->base - at;
	in->base = at;
	/* It may remember that the end was reached. */
	close_io(in);
	in->at = 0;
	for (int i = 0; i < WINDOWS; i++)
		in->windows[i].held = 0;
	return open_io(in, err);
}

int
input_again(struct input *in, struct v2m_err *err)
{
	if (in->pass + 1 < V2M_WIRE_PASSES) {
		in->pass++;
		in->pass_bytes = 0;
	}
	return input_rewind(in, err);
}

void
input_limit(struct input *in, int64_t bytes)
{
	in->most = bytes > 0 ? in->bytes + bytes : 0;
}

void
input_free(struct input *in)
{
	if (in == NULL)
		return;
	close_io(in);
	free(in);
}

AVIOContext *
input_io(struct input *in)
{
	return in->io;
}

bool
input_failed(const struct input *in, struct v2m_err *err)
{
	if (in->err.code == V2M_OK)
		return false;
	v2m_err_pass(err, &in->err);
	return true;
}

int64_t
input_bytes(const struct input *in)
{
	return in->bytes;
}

int64_t
input_reached(const struct input *in)
{
	return in->reached;
}
