#include "engine/copy.h"

#include <stdlib.h>
#include <string.h>

#define DECODER_DELAY 529	/* LAME tag: a delay is at least this */
#define FRAMES_LEAST 2
#define NS INT64_C(1000000000)
#define US INT64_C(1000000)

/* A frame between parsing and writing. */
struct passing {
	const uint8_t *bytes;
	struct v2m_frame f;
	int front;		/* samples skipped at its start, */
	int kept;		/* kept, */
	int behind;		/* and skipped at its end */
	int64_t gap;		/* samples of silence before it */
	int64_t at;		/* position of its first kept sample */
	struct coded c;
	bool lost;
};

/* A frame that waits for its place, with its bytes. */
struct copy_frame {
	struct copy_frame *next;
	struct passing p;
	bool counts;		/* it was added to the time line */
	uint8_t bytes[];
};

int
copy_open(struct copy *c, const struct copy_sink *sink,
    const struct copy_cut *cut, const struct timeline_verdict *given,
    struct v2m_err *err)
{
	const struct timeline_facts none = { .own_s = -1, .total_s = -1 };

	memset(c, 0, sizeof *c);
	c->sink = *sink;
	c->cut = *cut;
	timeline_init(&c->time, &none, given);
	c->repack = repack_new(0, sink->frame, sink->arg, err);
	if (c->repack == NULL)
		return -1;
	repack_all_bitrates(c->repack);
	return 0;
}

void
copy_facts(struct copy *c, const struct timeline_facts *facts)
{
	c->time.facts = *facts;
}

void
copy_close(struct copy *c)
{
	while (c->first != NULL) {
		struct copy_frame *next = c->first->next;

		free(c->first);
		c->first = next;
	}
	timeline_release(&c->time);
	repack_free(c->repack);
	coded_row_release(&c->row);
	free(c->rest);
	memset(c, 0, sizeof *c);
}

/* Convert n from units (per second) to samples, rounded to nearest. */
static int64_t
to_samples(int64_t n, int64_t units, int rate_hz)
{
	int64_t rest = n % units * rate_hz;

	return n / units * rate_hz +
	    (rest + (rest < 0 ? -units : units) / 2) / units;
}

static int64_t
wanted(const struct copy_cut *cut, int rate_hz)
{
	int64_t most = to_samples(cut->most_us, US, rate_hz), n;

	if (cut->to_us < 0)
		return most;
	n = to_samples(cut->to_us, US, rate_hz) -
	    to_samples(cut->from_us, US, rate_hz);
	return n < most ? n : most;
}

/* Learn what is the same for all frames from the first one. */
static void
learn(struct copy *c, const struct passing *p)
{
	static const uint8_t nothing[1];

	c->samples = p->f.samples;
	c->rate_hz = p->f.rate_hz;
	c->from = to_samples(c->cut.from_us, US, p->f.rate_hz);
	c->want = wanted(&c->cut, p->f.rate_hz);
	memcpy(c->empty.head, p->bytes, V2M_FRAME_HEADER);
	c->empty.head[1] |= 1;		/* no CRC */
	c->empty.head[2] &= 0x0d;	/* neither bitrate nor padding */
	c->empty.head[3] &= 0xcf;	/* no joint stereo */
	c->empty.data = nothing;
}

static int
cannot(struct copy *c, const char *why)
{
	c->why = why;
	return COPY_CANNOT;
}

static int
put_coded(struct copy *c, const struct coded *coded, struct v2m_err *err)
{
	int ret = repack_add(c->repack, coded, err);

	c->frames++;
	return ret > 0 ? cannot(c, "its frames are too large") : ret;
}

static int
put_empty(struct copy *c, int64_t n, struct v2m_err *err)
{
	int ret = COPY_ON;

	while (n-- > 0 && ret == COPY_ON)
		ret = put_coded(c, &c->empty, err);
	return ret;
}

/* Set the frame's position, with the silence before it.  At most as much
 * silence as the longest MP3 has is inserted. */
static void
place_frame(struct copy *c, struct passing *p, const struct gaps_step *step)
{
	double most = (double)c->cut.most_us / US + (double)c->from /
	    c->rate_hz + 1;

	c->sink.jump(c->sink.arg, step, (double)c->at / c->rate_hz);
	p->gap = llrint(fmin(step->fill_s, most) * c->rate_hz);
	c->at += p->gap;
	/* The bit reservoir held data of frames that are missing. */
	if (step->fill_s > 0 || step->jump_s > 0)
		c->reader.len = 0;
	p->at = c->at;
	c->at += p->kept;
}

/* Parse the frame.  All frames must be parsed, as later ones may have their
 * main data in them. */
static int
take_apart(struct copy *c, struct passing *p, struct v2m_err *err)
{
	int front = V2M_FRAME_HEADER + (p->f.crc ? 2 : 0);
	struct v2m_err why;

	c->row.n = 0;
	c->row.len = 0;
	p->lost = false;
	if (coded_read(&c->reader, p->bytes, &p->f, &c->row, &why) < 0) {
		if (why.code != V2M_DATA)
			return v2m_err_pass(err, &why);
		p->lost = true;
	} else if (!side_valid(&p->f, p->bytes + front)) {
		p->lost = true;
	} else {
		p->c = coded_row_get(&c->row, 0);
	}
	/* Before the output begins that is normal: a stream that was cut begins
	 * like that. */
	if (p->lost && c->begun)
		c->damaged++;
	return 0;
}

/* Keep the frame: a decoder needs it before the first wanted one. */
static void
keep_early(struct copy *c, const struct passing *p)
{
	struct copy_early *e;
	/* A frame of MPEG-1 holds two granules, enough to fill both the overlap
	 * and the filter bank. */
	int most = p->f.version == 1 ? 1 : COPY_WARM;

	if (c->nearly == most) {
		c->left_out = true;
		c->nearly--;
		c->early[0] = c->early[1];
		c->early[0].c.data = c->early[0].data;
	}
	e = &c->early[c->nearly++];
	e->c = p->c;
	e->c.data = e->data;
	memcpy(e->data, p->c.data, p->c.bytes);
}

static void
forget_early(struct copy *c)
{
	c->left_out = true;
	c->nearly = 0;
}

/* Begin the output with p, the first frame that has a wanted sample. */
static int
begin_output(struct copy *c, const struct passing *p, struct v2m_err *err)
{
	int64_t silence = p->at > c->from ? p->at - c->from : 0;
	int64_t into = p->at < c->from ? c->from - p->at : 0;
	int64_t front = (int64_t)c->nearly * c->samples + p->front + into;
	int64_t empty = c->left_out;
	int ret;

	if (silence >= c->want)
		return cannot(c, "there is nothing but silence");
	/* Enough frames for the silence, and for a delay that a LAME tag can
	 * hold. */
	if (silence + DECODER_DELAY > front + empty * c->samples)
		empty = (silence + DECODER_DELAY - front + c->samples - 1) /
		    c->samples;
	c->begun = true;
	c->filled += silence;
	c->delay = front + empty * c->samples - silence;
	if (c->sink.begin(c->sink.arg, &p->f, (int)c->delay, err) < 0)
		return -1;
	ret = put_empty(c, empty, err);
	for (int i = 0; i < c->nearly && ret == COPY_ON; i++)
		ret = put_coded(c, &c->early[i].c, err);
	return ret == COPY_ON ? put_coded(c, &p->c, err) : ret;
}

static int
before(struct copy *c, const struct passing *p, struct v2m_err *err)
{
	if (p->gap > 0 && p->at > p->gap)
		forget_early(c);
	if (p->lost) {
		/* The output begins behind this frame. */
		forget_early(c);
		if (p->kept > 0 && c->from < p->at + p->kept)
			c->from = p->at + p->kept;
		return COPY_ON;
	}
	if (p->kept == 0 || p->at + p->kept <= c->from) {
		keep_early(c, p);
		return COPY_ON;
	}
	return begin_output(c, p, err);
}

static bool
has_enough(const struct copy *c)
{
	return c->begun && c->frames * c->samples - c->delay >= c->want;
}

static int
go_on(struct copy *c, const struct passing *p, struct v2m_err *err)
{
	int64_t gap, room;
	int ret;

	if (p->kept == 0) {
		c->ended = true;
		return COPY_ON;
	}
	if (c->ended || p->front > 0)
		return cannot(c, "its time line has cuts in it");
	c->owed += p->gap;
	gap = (c->owed + c->samples / 2) / c->samples;
	c->owed -= gap * c->samples;
	room = (c->want + c->delay + c->samples - 1) / c->samples - c->frames;
	if (gap > room)
		gap = room;
	c->filled += gap * c->samples;
	ret = put_empty(c, gap, err);
	if (ret != COPY_ON)
		return ret;
	if (has_enough(c))
		return COPY_ENOUGH;
	if (!p->lost)
		return put_coded(c, &p->c, err);
	c->filled += p->kept;
	return put_empty(c, 1, err);
}

static int
take_frame(struct copy *c, struct passing *p, const struct gaps_step *step,
    struct v2m_err *err)
{
	int ret;

	if (p->kept > 0 && has_enough(c)) {
		c->cut_short = c->want == to_samples(c->cut.most_us, US,
		    c->rate_hz);
		return COPY_ENOUGH;
	}
	place_frame(c, p, step);
	if (take_apart(c, p, err) < 0)
		return -1;
	ret = c->begun ? go_on(c, p, err) : before(c, p, err);
	if (c->begun && p->behind > 0 && p->kept > 0) {
		c->ended = true;
		c->behind = p->behind;
	}
	return ret;
}

/* Is the place of the oldest waiting frame known? */
static bool
next_placed(struct copy *c, struct gaps_step *step)
{
	struct gaps_step none = { .fill_s = 0 };

	*step = none;
	if (c->first == NULL)
		return false;
	if (!c->first->counts)
		return true;
	if (!gaps_next(&c->time.gaps, step))
		return false;
	if (c->first->p.kept > 0 && !c->sounded) {
		step->fill_s += c->time.front_s;
		c->sounded = true;
	}
	return true;
}

static int
take_placed(struct copy *c, struct v2m_err *err)
{
	struct gaps_step step;
	int ret = COPY_ON;

	while (ret == COPY_ON && next_placed(c, &step)) {
		struct copy_frame *f = c->first;

		c->first = f->next;
		c->idle = c->idle || timeline_doubtful(&c->time);
		if (!c->idle)
			ret = take_frame(c, &f->p, &step, err);
		free(f);
	}
	return ret;
}

/* Find which of the frame's samples are skipped. */
static void
trim_frame(struct copy *c, struct passing *p, const struct copy_packet *packet,
    bool last)
{
	int left = p->f.samples;

	if (packet->none) {
		p->kept = 0;
		return;
	}
	p->front = c->skip < left ? (int)c->skip : left;
	c->skip -= p->front;
	left -= p->front;
	if (last)
		p->behind = packet->behind < left ? (int)packet->behind : left;
	p->kept = left - p->behind;
}

/* Add the frame, with a copy of its bytes, to those that wait. */
static int
queue(struct copy *c, const struct passing *p, bool counts,
    struct v2m_err *err)
{
	struct copy_frame *f = malloc(sizeof *f + (size_t)p->f.bytes);

	if (f == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	*f = (struct copy_frame){ .p = *p, .counts = counts };
	memcpy(f->bytes, p->bytes, (size_t)p->f.bytes);
	f->p.bytes = f->bytes;
	if (c->first == NULL)
		c->first = f;
	else
		c->last->next = f;
	c->last = f;
	return 0;
}

/* Take a frame of the packet.  begins: it is the packet's first, and has the
 * packet's PTS.  last: nothing follows it in the packet. */
static int
take_found(struct copy *c, struct passing *p,
    const struct copy_packet *packet, bool begins, bool last,
    struct v2m_err *err)
{
	struct gaps_packet g = {
		.stamp_s = GAPS_NO_STAMP, .bytes = p->f.bytes
	};

	if (c->samples == 0)
		learn(c, p);
	trim_frame(c, p, packet, last);
	g.length_s = (double)p->f.samples / c->rate_hz;
	/* libavformat cannot parse free-format frames, so its PTS are wrong. */
	if (begins && packet->stamp_ns != COPY_NO_STAMP &&
	    c->framing.free_bytes == 0)
		g.stamp_s = (double)packet->stamp_ns / NS;
	g.mark = begins ? packet->mark : GAPS_UNMARKED;
	if (!c->time.begun && p->kept > 0)
		timeline_begin(&c->time, g.stamp_s +
		    (double)p->front / c->rate_hz);
	if (queue(c, p, c->time.begun && !packet->none, err) < 0 ||
	    (c->last->counts && gaps_add(&c->time.gaps, &g, err) < 0))
		return -1;
	return take_placed(c, err);
}

/* Take every frame among n bytes, of which those from `fresh` on are the
 * packet's. */
static int
take_all(struct copy *c, const uint8_t *bytes, size_t n, size_t fresh,
    const struct copy_packet *packet, struct v2m_err *err)
{
	bool begins = true, torn;
	int ret = COPY_ON;
	size_t where;

	framing_begin(&c->framing);
	while (ret == COPY_ON) {
		struct passing p = { .front = 0 };
		enum framing_found found = framing_next(&c->framing, bytes, n,
		    fresh, &where, &p.f, &torn);

		if (found == FRAMING_CHANGED)
			return cannot(c, "it changes its kind midway");
		if (found == FRAMING_END)
			break;
		if (torn) {
			c->damaged++;
			c->reader.len = 0;
		}
		p.bytes = bytes + where;
		ret = take_found(c, &p, packet, begins && where >= fresh,
		    n - c->framing.edge < V2M_FRAME_HEADER, err);
		begins = begins && where < fresh;
	}
	return ret;
}

/* Keep the bytes behind the last frame for the next packet. */
static int
keep_rest(struct copy *c, const uint8_t *bytes, size_t n, struct v2m_err *err)
{
	size_t at = c->framing.edge < n ? c->framing.edge : n;
	uint8_t *rest = NULL;

	if (n - at > FRAMING_REST) {
		at = n - FRAMING_REST;
		c->framing.junk = true;
	}
	if (n > at) {
		rest = malloc(n - at);
		if (rest == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		memcpy(rest, bytes + at, n - at);
	}
	free(c->rest);
	c->rest = rest;
	c->nrest = n - at;
	return 0;
}

int
copy_packet(struct copy *c, const struct copy_packet *packet,
    struct v2m_err *err)
{
	const uint8_t *bytes = packet->bytes;
	uint8_t *both = NULL;
	size_t n = c->nrest + packet->n;
	int ret;

	if (packet->front > 0)
		c->skip = packet->front;
	if (packet->damaged) {
		c->framing.junk = true;
		c->nrest = 0;
		return COPY_ON;
	}
	if (c->nrest > 0) {
		both = malloc(n);
		if (both == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		memcpy(both, c->rest, c->nrest);
		memcpy(both + c->nrest, packet->bytes, packet->n);
		bytes = both;
	}
	ret = take_all(c, bytes, n, c->nrest, packet, err);
	if (ret == COPY_ON && keep_rest(c, bytes, n, err) < 0)
		ret = -1;
	free(both);
	return ret;
}

int
copy_flush(struct copy *c, struct v2m_err *err)
{
	gaps_finish(&c->time.gaps);
	return take_placed(c, err);
}

bool
copy_steady(const struct copy *c)
{
	return c->sounded && !c->begun && !c->idle && c->first == NULL &&
	    c->nrest == 0 && c->skip == 0 && c->time.gaps.steps == 0 &&
	    c->time.given.gaps.nothing == GAPS_FILLED;
}

double
copy_ahead_s(const struct copy *c)
{
	return (double)(c->from - c->at) / c->rate_hz;
}

void
copy_pass(struct copy *c, int64_t samples)
{
	gaps_pass(&c->time.gaps, (double)samples / c->rate_hz);
	c->at += samples;
	c->reader.len = 0;
	forget_early(c);
}

bool
copy_misplaced(const struct copy *c, struct timeline_verdict *v)
{
	return timeline_end(&c->time, v) || c->idle;
}

int
copy_finish(struct copy *c, int64_t *samples, struct v2m_err *err)
{
	int ret;

	if (!c->begun)
		return cannot(c, "no frame of it is whole");
	/* libavformat does not recognize an MP3 of one frame. */
	while (c->frames < FRAMES_LEAST) {
		if (put_coded(c, &c->empty, err) != COPY_ON)
			return -1;
		c->behind += c->samples;
	}
	ret = repack_finish(c->repack, err);
	if (ret != 0)
		return ret < 0 ? -1 : cannot(c, "its frames are too large");
	*samples = c->frames * c->samples - c->delay - c->behind;
	if (*samples > c->want)
		*samples = c->want;
	if (c->filled > *samples)
		c->filled = *samples;
	return *samples > 0 ? COPY_ENOUGH : cannot(c, "no sample is left");
}

int64_t
copy_reached_us(const struct copy *c)
{
	return c->samples == 0 ? 0 : to_samples(c->at, c->rate_hz, US);
}
