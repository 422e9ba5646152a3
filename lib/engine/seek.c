#include "engine/seek.h"

#include <math.h>
#include <string.h>

#include "engine/clusters.h"
#include "engine/format.h"
#include "engine/pages.h"

#define EXACT 1e-3		/* of a sample: rounding errors */
#define FAR 1e12		/* more samples than any sound has */
#define TICKS 1.5		/* difference of two rounded PTS */
#define LEAST_S 2.0		/* do not seek for less */
#define RUN_UP_S 2.0		/* in MP3 at 8 kbit/s and 24 kHz the reservoir
				 * alone is 0.6 s; Opus needs 1 s to yield the
				 * same bits */
#define RUN_UP_LOSSLESS_S 0.05	/* only for the resampler */
#define CUES_APART_S 30.0
#define PAGES_NEAR_S 2		/* twice what a page usually holds */

/* --- which stamps can be relied on --- */

static bool
is_matroska(const struct demux *d)
{
	return format_is(d->fmt, "matroska");
}

static bool
is_pcm(enum AVCodecID id)
{
	return strncmp(avcodec_get_name(id), "pcm_", 4) == 0;
}

static bool
is_lossless(enum AVCodecID id)
{
	return is_pcm(id) || id == AV_CODEC_ID_FLAC || id == AV_CODEC_ID_ALAC;
}

/* Samples in an index entry. */
static double
entry_length(const AVStream *st, const AVIndexEntry *e, int frame)
{
	const AVCodecParameters *p = st->codecpar;
	int block = av_get_bits_per_sample(p->codec_id) / 8 *
	    p->ch_layout.nb_channels;

	return is_pcm(p->codec_id) && block > 0 ? e->size / block : frame;
}

/* Does each index entry begin where the one before ends, up to this PTS?  Not
 * if sound is missing, PTS drift, or the index is incomplete. */
static bool
index_is_whole(const struct seek *s, AVStream *st, int64_t to)
{
	int n = avformat_index_get_entries_count(st);
	double unit = av_q2d(st->time_base) * s->rate_hz, at = 0;
	int64_t first = 0;

	for (int i = 0; i < n; i++) {
		const AVIndexEntry *e = avformat_index_get_entry(st, i);

		if (i == 0)
			first = e->timestamp;
		if (fabs((double)(e->timestamp - first) * unit - at) >
		    unit + EXACT)
			return false;
		if (e->timestamp >= to)
			return true;
		at += entry_length(st, e, s->frame);
	}
	return false;
}

/* Are PTS with this time_base whole samples? */
static bool
counts_samples(const struct seek *s, AVRational unit)
{
	return unit.den > 0 &&
	    (int64_t)s->rate_hz * unit.num % unit.den == 0;
}

/* Has the Ogg several links?  Then first and last page are of different
 * streams, and each link's granule positions begin at 0. */
static bool
is_chained(const struct demux *d)
{
	struct page first, last;

	return !pages_first(&first, input_look, d->input) ||
	    !pages_last(&last, avio_size(d->fmt->pb), input_look, d->input) ||
	    first.serial != last.serial;
}

static enum seek_kind
stamps_kind(const struct seek *s, const struct demux *d, int64_t to)
{
	enum AVCodecID id = d->sound->codecpar->codec_id;

	if (format_is(d->fmt, "mov"))
		return d->edits.ours || !index_is_whole(s, d->sound, to) ?
		    SEEK_NOT : counts_samples(s, d->sound->time_base) ?
		    SEEK_SAMPLES : SEEK_FRAMES;
	if (format_is(d->fmt, "wav,w64,aiff,au"))
		return is_pcm(id) ? SEEK_SAMPLES : SEEK_NOT;
	if (format_is(d->fmt, "flac"))
		return SEEK_SAMPLES;
	if (format_is(d->fmt, "ogg"))
		return d->fmt->nb_streams == 1 && (id == AV_CODEC_ID_OPUS ||
		    id == AV_CODEC_ID_VORBIS || id == AV_CODEC_ID_FLAC) &&
		    !is_chained(d) ? SEEK_SAMPLES : SEEK_NOT;
	if (is_matroska(d))
		return id == AV_CODEC_ID_VORBIS ? SEEK_STAMPS : SEEK_FRAMES;
	return SEEK_NOT;
}

/* --- going there --- */

static int64_t
stamp_of(const struct demux *d, const AVStream *st, double s)
{
	return llrint((s + (double)d->origin_us / AV_TIME_BASE) /
	    av_q2d(st->time_base));
}

/* The PTS of the last frame before stamp_s that is a multiple of SEEK_ROUND
 * frames after next_s; plus part of a frame where PTS are rounded. */
static double
frame_start(const struct seek *s, const struct demux *d, double stamp_s)
{
	double frame_s = (double)s->frame / s->rate_hz;
	double rounds = floor((stamp_s - s->next_s) / (SEEK_ROUND * frame_s));
	double start_s = s->next_s + rounds * SEEK_ROUND * frame_s;

	return counts_samples(s, d->sound->time_base) ? start_s :
	    start_s + frame_s / 4;
}

static double
indexed_s(AVStream *st)
{
	int n = avformat_index_get_entries_count(st);
	const AVIndexEntry *e = n == 0 ? NULL :
	    avformat_index_get_entry(st, n - 1);

	return e == NULL ? -1 : (double)e->timestamp * av_q2d(st->time_base);
}

/* Search from the cluster in the stream's index to the wanted one, and add it
 * and the next one to the index of the sound. */
static bool
index_clusters(struct demux *d, AVStream *st, double stamp_s)
{
	int64_t to = stamp_of(d, d->sound, stamp_s);
	int i = av_index_search_timestamp(st, stamp_of(d, st, stamp_s),
	    AVSEEK_FLAG_BACKWARD);
	const AVIndexEntry *e = avformat_index_get_entry(st, i);
	struct cluster before, after;

	if (e == NULL || !clusters_around(&before, &after, e->pos, to,
	    input_look, d->input))
		return false;
	av_add_index_entry(d->sound, before.at, before.stamp, 0, 0,
	    AVINDEX_KEYFRAME);
	av_add_index_entry(d->sound, after.at, after.stamp, 0, 0,
	    AVINDEX_KEYFRAME);
	return true;
}

/* The stream with the best index.  The Cues of a Matroska file may be only for
 * video.  libavformat reads them at the first seek; if there are none, a later
 * seek would read the whole file. */
static AVStream *
indexed_stream(struct demux *d, double stamp_s)
{
	AVStream *best = d->sound;

	if (!is_matroska(d))
		return best;
	av_seek_frame(d->fmt, d->sound->index, stamp_of(d, d->sound, 0),
	    AVSEEK_FLAG_BACKWARD);
	for (unsigned i = 0; i < d->fmt->nb_streams; i++)
		if (indexed_s(d->fmt->streams[i]) > indexed_s(best))
			best = d->fmt->streams[i];
	if (index_clusters(d, best, stamp_s))
		return d->sound;
	return indexed_s(best) + CUES_APART_S < stamp_s ? NULL : best;
}

/* Ogg has no index.  If the pages on both sides of a place are in libavformat's
 * index, it uses them.  Not for FLAC: there libavformat does not know the
 * duration of packets, and takes the page's granule position for the PTS of its
 * first packet, which is not exact. */
static void
index_pages(struct demux *d, int64_t to)
{
	AVStream *st = d->sound;
	int64_t near = av_rescale(PAGES_NEAR_S, st->time_base.den,
	    st->time_base.num);
	struct page before, after, last;

	if (!format_is(d->fmt, "ogg") ||
	    st->codecpar->codec_id == AV_CODEC_ID_FLAC ||
	    !pages_last(&last, avio_size(d->fmt->pb), input_look, d->input) ||
	    !pages_around(&before, &after, &last, to, near, input_look,
	    d->input))
		return;
	av_add_index_entry(st, before.at, before.granule, 0, 0,
	    AVINDEX_KEYFRAME);
	av_add_index_entry(st, after.at, after.granule, 0, 0,
	    AVINDEX_KEYFRAME);
}

int
seek_ahead(struct seek *s, struct demux *d, double ahead_s)
{
	bool lossless = is_lossless(d->sound->codecpar->codec_id);
	AVStream *st;
	double to_s;

	s->run_up_s = lossless ? RUN_UP_LOSSLESS_S : RUN_UP_S;
	s->tick_s = av_q2d(d->sound->time_base);
	to_s = s->next_s + ahead_s - s->run_up_s;
	if (to_s - s->next_s < LEAST_S || s->frame <= 0)
		return 0;
	to_s = frame_start(s, d, to_s);
	s->from_s = to_s - (double)s->frame / s->rate_hz / 2;
	s->kind = stamps_kind(s, d, stamp_of(d, d->sound, to_s));
	if (s->kind == SEEK_NOT)
		return 0;
	index_pages(d, stamp_of(d, d->sound, to_s));
	st = indexed_stream(d, s->from_s);
	if (st != NULL)
		av_seek_frame(d->fmt, st->index, stamp_of(d, st,
		    is_matroska(d) ? s->from_s : to_s), AVSEEK_FLAG_BACKWARD);
	return 1;
}

int64_t
seek_samples(const struct seek *s, double stamp_s, int frame)
{
	double n = (stamp_s - s->next_s) * s->rate_hz, whole = rint(n), most;

	if (isnan(n) || n < 0 || n > FAR)
		return -1;
	switch (s->kind) {
	case SEEK_SAMPLES:
		return fabs(n - whole) < EXACT ? (int64_t)whole : -1;
	case SEEK_FRAMES:
		most = TICKS * s->tick_s * s->rate_hz;
		if (frame < 2 * most)
			return (int64_t)whole;
		whole = rint(n / s->frame) * s->frame;
		return frame == s->frame && fabs(n - whole) <= most ?
		    (int64_t)whole : -1;
	case SEEK_STAMPS:
		return (int64_t)whole;
	case SEEK_COUNTED:
		return frame == s->frame && fabs(stamp_s - s->landing_s) *
		    s->rate_hz < 0.5 ? s->counted : -1;
	default:
		return -1;
	}
}
