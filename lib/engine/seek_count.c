#include "engine/seek_count.h"

#include <math.h>

#include "engine/format.h"

#define LEAST_S 2.0		/* do not seek for less */
#define SAME_S 1e-6

/* The packets that are skipped. */
struct span {
	AVStream *st;
	int first;
	int frame, rate_hz;	/* samples of each packet */
	double origin_s;
	int64_t samples;	/* samples of them, and of the silence
				 * between */
};

/* Do all packets have the same number of samples?  Not in ALAC, where the last
 * packet of each joined file is shorter. */
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

/* Index of the entry after the one with this PTS, or -1. */
static int
find_next(const struct span *p, double last_s)
{
	int64_t at = llrint((last_s + p->origin_s) / av_q2d(p->st->time_base));
	int i = av_index_search_timestamp(p->st, at, AVSEEK_FLAG_ANY);

	return i >= 0 && fabs(stamp_s(p, i) - last_s) < SAME_S ? i + 1 : -1;
}

/* Add packet i of the index to g, and decide.  j: gets what is found, or
 * NULL. */
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

/* May decoding continue at packet i?  No other may have its PTS, and all
 * packets before it must be decided; see SEEK_ROUND. */
static bool
is_landing(const struct span *p, int i, const struct gaps *g)
{
	return gaps_decided(g) && (i - p->first) % SEEK_ROUND == 0 &&
	    stamp_s(p, i) > stamp_s(p, i - 1) &&
	    stamp_s(p, i) < stamp_s(p, i + 1);
}

/* The last packet at which decoding may continue, at most `most` samples ahead;
 * or -1.  Changes g. */
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

/* Let g be as if all packets before `landing` had been added. */
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

	if (!format_is(d->fmt, "mov") || d->edits.ours ||
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
	/* Out of memory: the place is not known, so the file is read again. */
	s->counted = pass(&p, landing, g, j, reached_s, &err) < 0 ? -1 :
	    p.samples;
	return 1;
}
