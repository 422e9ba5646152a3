#include "engine/repack.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 256		/* frames that must follow before one gets its
				 * size */
#define BEHIND 3		/* of those, considered together with it */
#define OPEN 256		/* frames with incomplete data: the smallest
				 * main data area has 3 bytes, so 171 suffice */
#define BITRATES 14

struct waiting {
	struct coded c;
	int need;		/* bytes of reservoir needed before it, so that
				 * it and those behind it have space */
	uint8_t data[CODED_MOST];
};

/* A frame to be written; its main data area is filled up to `at`. */
struct laid {
	struct v2m_frame f;
	int at;
	uint8_t bytes[V2M_FRAME_MAX];
};

struct repack {
	int bitrate_kbps;
	bool all_bitrates;
	repack_sink *sink;
	void *arg;
	bool begun;
	int begin_most;
	/* Bytes of the main data area, without padding. */
	int area[BITRATES + 1], top;	/* by bitrate index; the largest */
	int constant;			/* bitrate index, if constant */
	int lag, frac, rate_hz;		/* for the padding */
	int64_t room;			/* bytes not filled yet */
	int first, n;			/* ring `waiting` */
	int lfirst, ln;			/* ring `laid` */
	struct waiting waiting[AHEAD];
	struct laid laid[OPEN];
};

struct repack *
repack_new(int bitrate_kbps, repack_sink *sink, void *arg,
    struct v2m_err *err)
{
	struct repack *r = calloc(1, sizeof *r);

	if (r == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	r->bitrate_kbps = bitrate_kbps;
	r->sink = sink;
	r->arg = arg;
	return r;
}

void
repack_free(struct repack *r)
{
	free(r);
}

void
repack_all_bitrates(struct repack *r)
{
	r->all_bitrates = true;
}

static void
make_head(uint8_t head[V2M_FRAME_HEADER], const struct coded *c, int bitrate,
    bool padding)
{
	memcpy(head, c->head, V2M_FRAME_HEADER);
	head[2] |= (uint8_t)(bitrate << 4 | (padding ? 2 : 0));
}

static int
choose_bitrates(struct repack *r, const struct coded *c, struct v2m_err *err)
{
	uint8_t head[V2M_FRAME_HEADER];
	struct v2m_frame f;

	for (int i = 1; i <= BITRATES; i++) {
		make_head(head, c, i, false);
		if (!v2m_frame_parse(&f, head))
			return v2m_err_set(err, V2M_DATA, "no Layer III frame");
		r->area[i] = f.bytes - V2M_FRAME_HEADER - f.side_bytes;
		/* v2m_frame_bitrate() and LAME do not use higher ones. */
		if (r->all_bitrates || v2m_frame_bitrate(f.rate_hz,
		    f.bitrate_kbps) == f.bitrate_kbps)
			r->top = i;
		if (f.bitrate_kbps == r->bitrate_kbps)
			r->constant = i;
	}
	if (r->bitrate_kbps > 0 && r->constant == 0)
		return v2m_err_set(err, V2M_DATA,
		    "no frames of %d kbit/s at %d Hz", r->bitrate_kbps,
		    f.rate_hz);
	r->begin_most = side_begin_most(&f);
	r->rate_hz = f.rate_hz;
	r->frac = (int)((int64_t)f.samples / 8 * 1000 * r->bitrate_kbps %
	    f.rate_hz);
	r->lag = r->frac;
	r->begun = true;
	return 0;
}

/* Give complete frames to the sink. */
static int
send_frame(struct repack *r, struct v2m_err *err)
{
	while (r->ln > 0) {
		struct laid *l = &r->laid[r->lfirst];

		if (l->at < l->f.bytes)
			break;
		if (r->sink(r->arg, l->bytes, &l->f, err) < 0)
			return -1;
		r->lfirst = (r->lfirst + 1) % OPEN;
		r->ln--;
	}
	return 0;
}

/* Write n bytes (NULL: zeros) to the main data areas. */
static int
fill_frames(struct repack *r, const uint8_t *data, int n, struct v2m_err *err)
{
	r->room -= n;
	for (int i = 0; i < r->ln && n > 0; i++) {
		struct laid *l = &r->laid[(r->lfirst + i) % OPEN];
		int part = l->f.bytes - l->at < n ? l->f.bytes - l->at : n;

		if (data != NULL) {
			memcpy(l->bytes + l->at, data, (size_t)part);
			data += part;
		} else {
			memset(l->bytes + l->at, 0, (size_t)part);
		}
		l->at += part;
		n -= part;
	}
	return send_frame(r, err);
}

static int
lay(struct repack *r, const struct coded *c, int bitrate, bool padding,
    struct v2m_err *err)
{
	struct laid *l;

	if (r->ln == OPEN)
		return v2m_err_set(err, V2M_BUG, "frames pile up");
	l = &r->laid[(r->lfirst + r->ln) % OPEN];
	make_head(l->bytes, c, bitrate, padding);
	v2m_frame_parse(&l->f, l->bytes);
	l->at = V2M_FRAME_HEADER + l->f.side_bytes;
	memcpy(l->bytes + V2M_FRAME_HEADER, c->side, (size_t)l->f.side_bytes);
	side_set_begin(&l->f, l->bytes + V2M_FRAME_HEADER, (int)r->room);
	r->ln++;
	r->room += l->f.bytes - l->at;
	return fill_frames(r, c->data, c->bytes, err);
}

static bool
next_padding(struct repack *r)
{
	r->lag -= r->frac;
	if (r->lag >= 0)
		return false;
	r->lag += r->rate_hz;
	return true;
}

static struct waiting *
waiting(struct repack *r, int i)
{
	return &r->waiting[(r->first + i) % AHEAD];
}

static int
need(struct repack *r, int i)
{
	return i < r->n ? waiting(r, i)->need : 0;
}

/* Compute the need of all waiting frames anew: the last one may need more space
 * than one frame before it can leave. */
static void
note_need(struct repack *r)
{
	int most = r->area[r->top] + 1;

	for (int i = r->n - 1; i >= 0; i--) {
		struct waiting *w = waiting(r, i);
		int sum = need(r, i + 1) + w->c.bytes - most;

		if (sum < 0)
			sum = 0;
		if (sum == w->need && i < r->n - 1)
			break;
		w->need = sum;
	}
}

/* Choose the size of waiting frame i, with `room` bytes free before it: the
 * smallest of those that, with the best sizes of `behind` frames after it,
 * exceed the reservoir's limit by the fewest bytes.  Returns bitrate index * 2
 * + padding; 0: none.  *spilt is lowered to those bytes, if they are fewer. */
static int
choose(struct repack *r, int i, int room, int behind, int *spilt)
{
	int best = 0, bytes = waiting(r, i)->c.bytes, leave = need(r, i + 1);

	/* Sizes can be too coarse only where much is needed. */
	if (need(r, i + 1 + behind) == 0 && need(r, i + 2) == 0)
		behind = 0;
	for (int size = 2; size < 2 * (r->top + 1) && *spilt > 0; size++) {
		int after = room + r->area[size / 2] + size % 2 - bytes;
		int over = after > r->begin_most ? after - r->begin_most : 0;
		int left = *spilt - over;

		if (after < leave)
			continue;
		if (left <= 0)
			break;
		if (behind == 0)
			left = 0;
		else if (choose(r, i + 1, after - over, behind - 1,
		    &left) == 0)
			continue;
		*spilt = over + left;
		best = size;
	}
	return best;
}

/* Choose the size of the frame that has waited longest, and write it. */
static int
lay_first(struct repack *r, struct v2m_err *err)
{
	const struct coded *c = &waiting(r, 0)->c;
	int bitrate = r->constant, size, spilt = INT_MAX;
	bool padding = false;

	if (r->room > r->begin_most &&
	    fill_frames(r, NULL, (int)(r->room - r->begin_most), err) < 0)
		return -1;
	if (r->constant > 0) {
		padding = next_padding(r);
		if (r->room + r->area[bitrate] + padding < c->bytes)
			return 1;
	} else {
		size = choose(r, 0, (int)r->room, BEHIND, &spilt);
		if (size == 0)
			return 1;
		bitrate = size / 2;
		padding = size % 2 != 0;
	}
	if (lay(r, c, bitrate, padding, err) < 0)
		return -1;
	r->first = (r->first + 1) % AHEAD;
	r->n--;
	return 0;
}

int
repack_add(struct repack *r, const struct coded *c, struct v2m_err *err)
{
	struct waiting *w;
	int ret;

	if (!r->begun && choose_bitrates(r, c, err) < 0)
		return -1;
	if (c->bytes > CODED_MOST)
		return v2m_err_set(err, V2M_DATA, "a frame with too much data");
	/* With fixed sizes, later frames do not matter. */
	if (r->n == (r->constant > 0 ? 1 : AHEAD) &&
	    (ret = lay_first(r, err)) != 0)
		return ret;
	w = waiting(r, r->n++);
	w->c = *c;
	w->c.data = w->data;
	memcpy(w->data, c->data, c->bytes);
	note_need(r);
	return 0;
}

int
repack_finish(struct repack *r, struct v2m_err *err)
{
	int ret;

	while (r->n > 0)
		if ((ret = lay_first(r, err)) != 0)
			return ret;
	return fill_frames(r, NULL, (int)r->room, err);
}
