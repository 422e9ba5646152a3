#include "engine/seek_count.h"

#include <math.h>
#include <string.h>

#define LEAST_S 2.0		/* less is not worth it */
#define SAME_S 1e-6

/* Packets of the index that are left out. */
struct span {
	AVStream *st;
	int first;
	int frame, rate_hz;	/* samples of each */
	double origin_s;
	int64_t samples;	/* of them, and of the silence between them */
};

/* Do all packets hold as many samples?  Not in ALAC, where the last of each
 * file that was joined is shorter. */
static bool
is_even(enum AVCodecID id)
{
	switch (id) {
	case AV_CODEC_ID_AAC:
	case AV_CODEC_ID_AC3:
	case AV_CODEC_ID_MP2:
	case AV_CODEC_ID_MP3:
		return true;
	default:
		return false;
	}
}

static double
length_s(const struct span *p)
{
	return (double)p->frame / p->rate_hz;
}

static double
stamp_s(const struct span *p, int i)
{
	return (double)avformat_index_get_entry(p->st, i)->timestamp *
	    av_q2d(p->st->time_base) - p->origin_s;
}

/* The entry behind that with a stamp, or -1. */
static int
find_next(const struct span *p, double last_s)
{
	int64_t at = llrint((last_s + p->origin_s) / av_q2d(p->st->time_base));
	int i = av_index_search_timestamp(p->st, at, AVSEEK_FLAG_ANY);

	return i >= 0 && fabs(stamp_s(p, i) - last_s) < SAME_S ? i + 1 : -1;
}

/* An entry of the index, as if it came.  j: NULL, or what is to be told. */
static int
add_entry(struct span *p, int i, struct gaps *g, struct jumps *j,
    double reached_s, struct v2m_err *err)
{
	const struct gaps_packet packet = {
		.stamp_s = stamp_s(p, i), .length_s = length_s(p),
		.bytes = avformat_index_get_entry(p->st, i)->size,
	};
	struct gaps_step step;

	if (gaps_add(g, &packet, err) < 0)
		return -1;
	while (gaps_next(g, &step)) {
		if (j != NULL)
			jumps_note(j, &step, reached_s +
			    (double)p->samples / p->rate_hz);
		p->samples += llrint(step.fill_s * p->rate_hz) + p->frame;
	}
	return 0;
}

/* May the sound go on with this packet, when all before it have come?  Its
 * stamp must name it alone, and what a decoder keeps of noise begin anew. */
static bool
is_landing(const struct span *p, int i, const struct gaps *g)
{
	return gaps_decided(g) && (i - p->first) % SEEK_ROUND == 0 &&
	    stamp_s(p, i) > stamp_s(p, i - 1) &&
	    stamp_s(p, i) < stamp_s(p, i + 1);
}

/* The last packet to go on with that is no further on than so many samples, or
 * -1.  g is used up. */
static int
find_landing(struct span p, struct gaps *g, int64_t most, struct v2m_err *err)
{
	int n = avformat_index_get_entries_count(p.st), found = -1;

	for (int i = p.first; i + 2 < n && !gaps_too_much(g); i++) {
		if (avformat_index_get_entry(p.st, i)->flags &
		    AVINDEX_DISCARD_FRAME ||
		    add_entry(&p, i, g, NULL, 0, err) < 0)
			return -1;
		if (p.samples > most)
			return found;
		if (is_landing(&p, i + 1, g))
			found = i + 1;
	}
	return -1;
}

/* As if all before a packet had come. */
static int
pass(struct span *p, int landing, struct gaps *g, struct jumps *j,
    double reached_s, struct v2m_err *err)
{
	struct gaps later;

	if (gaps_copy(&later, g, err) < 0)
		return -1;
	for (int i = p->first; i < landing; i++)
		if (add_entry(p, i, &later, j, reached_s, err) < 0) {
			gaps_release(&later);
			return -1;
		}
	gaps_release(g);
	*g = later;
	return 0;
}

static int
choose_landing(const struct span *p, const struct gaps *g, int64_t most,
    struct v2m_err *err)
{
	struct gaps trial;
	int landing;

	if (gaps_copy(&trial, g, err) < 0)
		return -1;
	landing = find_landing(*p, &trial, most, err);
	gaps_release(&trial);
	return landing;
}

int
seek_count(struct seek *s, struct demux *d, double ahead_s, struct gaps *g,
    struct jumps *j, double reached_s)
{
	struct span p = {
		.st = d->sound, .frame = s->frame, .rate_hz = s->rate_hz,
		.origin_s = (double)d->origin_us / AV_TIME_BASE,
	};
	int64_t most = llrint((ahead_s - s->run_up_s) * s->rate_hz);
	struct v2m_err err;
	int landing = -1;

	if (strncmp(d->fmt->iformat->name, "mov,", 4) != 0 || d->edits.ours ||
	    !is_even(p.st->codecpar->codec_id) || s->frame <= 0 ||
	    most < LEAST_S * s->rate_hz)
		return 0;
	p.first = find_next(&p, s->next_s - length_s(&p));
	if (p.first > 0)
		landing = choose_landing(&p, g, most, &err);
	if (landing < 0 || av_seek_frame(d->fmt, p.st->index,
	    avformat_index_get_entry(p.st, landing)->timestamp,
	    AVSEEK_FLAG_BACKWARD) < 0)
		return 0;
	s->kind = SEEK_COUNTED;
	s->landing_s = stamp_s(&p, landing);
	s->from_s = s->landing_s - length_s(&p) / 2;
	/* Without memory it is not known where that is: all comes again. */
	s->counted = pass(&p, landing, g, j, reached_s, &err) < 0 ? -1 :
	    p.samples;
	return 1;
}
