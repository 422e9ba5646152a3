#include "engine/join.h"

#include <libavutil/channel_layout.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


#define LEAST_OFF_S 0.002	/* deviation of PTS that is ignored */
#define NO_STAMP (-HUGE_VAL)

static int
add_samples(void *arg, const float *const planes[2], int n, struct v2m_err *err)
{
	struct join_heap *h = arg;

	if (h->n + n > h->room) {
		int room = 2 * (h->n + n);

		for (int c = 0; c < 2; c++) {
			float *p = realloc(h->planes[c],
			    (size_t)room * sizeof *p);

			if (p == NULL)
				return v2m_err_set(err, V2M_TEMP,
				    "out of memory");
			h->planes[c] = p;
		}
		h->room = room;
	}
	for (int c = 0; c < 2; c++)
		memcpy(h->planes[c] + h->n, planes[c],
		    (size_t)n * sizeof(float));
	h->n += n;
	return 0;
}

static void
drop(struct join_heap *h, int n)
{
	h->n -= n;
	for (int c = 0; c < 2; c++)
		memmove(h->planes[c], h->planes[c] + n,
		    (size_t)h->n * sizeof(float));
}

static int
channels_of(const AVStream *st)
{
	return st->codecpar->ch_layout.nb_channels;
}

static int
check_pair(const struct demux *d, struct v2m_err *err)
{
	const AVStream *both[2] = { d->sound, d->other };

	for (int i = 0; i < 2; i++)
		if (channels_of(both[i]) != 1)
			return v2m_err_set(err, V2M_DATA, "a track of %d "
			    "channels cannot be one half of a pair",
			    channels_of(both[i]));
	return 0;
}

/* Open the other track. */
static int
open_other(struct join *j, const struct demux *first, struct v2m_err *err)
{
	j->input = input_beside(first->input, err);
	if (j->input == NULL ||
	    demux_open_other(&j->demux, first, j->input, err) < 0)
		return -1;
	return decode_open(&j->decoder, j->demux.sound, j->demux.codec, err);
}

int
join_open(struct join *j, const struct demux *demux, struct v2m_err *err)
{
	memset(j, 0, sizeof *j);
	if (demux->other == NULL)
		return 0;
	j->open = true;
	j->mix = demux->mix;
	j->channels = 1;
	if (!j->mix && check_pair(demux, err) < 0)
		return -1;
	if (channels_of(demux->sound) > 1 || channels_of(demux->other) > 1)
		j->channels = 2;
	j->first = demux->sound;
	j->pkt = av_packet_alloc();
	if (j->pkt == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return open_other(j, demux, err);
}

void
join_close(struct join *j)
{
	if (!j->open)
		return;
	decode_close(&j->decoder);
	av_packet_free(&j->pkt);
	demux_close(&j->demux);
	input_free(j->input);
	resample_release(&j->to_first);
	resample_release(&j->to_other);
	for (int i = 0; i < 2; i++)
		for (int c = 0; c < 2; c++)
			free(j->heaps[i].planes[c]);
	memset(j, 0, sizeof *j);
}

static double
stamp_s(const AVFrame *f, const AVStream *st)
{
	return f->pts == AV_NOPTS_VALUE ? NO_STAMP :
	    (double)f->pts * av_q2d(st->time_base);
}

/* End time of the other track's waiting samples, by their PTS. */
static double
end_s(const struct join *j)
{
	return j->at_s + (double)j->heaps[1].n / j->to_other.rate_hz;
}

/* The other track's next frame is off_s later than expected: insert silence; or
 * earlier: drop what waits. */
static int
put_apart(struct join *j, double off_s, struct v2m_err *err)
{
	const float none[1024] = { 0 }, *planes[2] = { none, none };
	struct join_heap *h = &j->heaps[1];
	double n = off_s * j->to_other.rate_hz;

	/* No silence for a long gap: the next PTS counts. */
	if (n < 0 || n > (double)(10 * j->to_other.rate_hz)) {
		h->n = 0;
		j->placed = j->aligned = false;
		return 0;
	}
	for (int left = (int)lrint(n); left > 0; left -= 1024)
		if (add_samples(h, planes, left < 1024 ? left : 1024, err) < 0)
			return -1;
	return 0;
}

/* Add a frame of the other track.  A decode_frame function. */
static int
hear_other(void *arg, AVFrame *f, int64_t whole, struct v2m_err *err)
{
	struct join *j = arg;
	double at = stamp_s(f, j->demux.sound), half;

	(void)whole;
	if (f->nb_samples <= 0 || f->sample_rate <= 0)
		return 0;
	half = fmax((double)f->nb_samples / f->sample_rate / 2, LEAST_OFF_S);
	if (j->placed && at != NO_STAMP && fabs(at - end_s(j)) > half &&
	    put_apart(j, at - end_s(j), err) < 0)
		return -1;
	if (!j->placed && at != NO_STAMP) {
		j->at_s = at - (double)j->heaps[1].n / j->to_other.rate_hz;
		j->placed = true;
	}
	return resample_frame(&j->to_other, f, err);
}

/* Decode the next packet of the other track.  0 or -1. */
static int
hear_next(struct join *j, struct v2m_err *err)
{
	int more = demux_next(&j->demux, j->pkt, err), ret;

	if (more < 0)
		return -1;
	/* A chained Ogg whose codec changes is not supported here. */
	j->ended = more == 0 || j->demux.moved;
	ret = decode_packet(&j->decoder, j->ended ? NULL : j->pkt, hear_other,
	    j, err);
	av_packet_unref(j->pkt);
	return ret;
}

/* Decode until n samples wait, or there are no more. */
static int
fetch_other(struct join *j, int n, struct v2m_err *err)
{
	while (!j->ended && j->heaps[1].n < n)
		if (hear_next(j, err) < 0)
			return -1;
	return j->ended ? resample_finish(&j->to_other, err) : 0;
}

/* How many samples may the other track be off without being moved? */
static double
tolerance(const struct join *j, int n)
{
	return j->aligned ? fmax(n / 2.0, LEAST_OFF_S * j->to_other.rate_hz) :
	    0.5;
}

/* Bring the other track to the time of a frame of the first one, of n samples.
 * *late: how many samples of the frame precede the other track's first one. */
static int
align(struct join *j, double at, int n, int *late, struct v2m_err *err)
{
	double rate = j->to_other.rate_hz, ahead;

	*late = 0;
	for (;;) {
		if (fetch_other(j, n, err) < 0)
			return -1;
		if (!j->placed || at == NO_STAMP || j->heaps[1].n == 0)
			return 0;
		ahead = (at - j->at_s) * rate;
		if (ahead <= tolerance(j, n))
			break;
		/* The other track is behind: drop samples. */
		ahead = fmin(ahead, j->heaps[1].n);
		drop(&j->heaps[1], (int)lrint(ahead));
		j->at_s += lrint(ahead) / rate;
	}
	if (-ahead > tolerance(j, n))
		*late = -ahead > n ? n : (int)lrint(-ahead);
	j->aligned = *late < n;
	return 0;
}

/* A frame for n joined samples. */
static AVFrame *
make_frame(const struct join *j, const AVFrame *like, int n)
{
	AVFrame *f = av_frame_alloc();

	if (f == NULL)
		return NULL;
	f->format = AV_SAMPLE_FMT_FLTP;
	f->sample_rate = j->to_first.rate_hz;
	f->nb_samples = n;
	f->pts = like->pts;
	av_channel_layout_default(&f->ch_layout, j->mix ? j->channels : 2);
	if (av_frame_get_buffer(f, 0) < 0)
		av_frame_free(&f);
	return f;
}

/* The other track has samples for those from `late` on, as long as they
 * last. */
static void
put_together(const struct join *j, AVFrame *to, int late)
{
	const struct join_heap *a = &j->heaps[0], *b = &j->heaps[1];
	float *const *out = (float **)to->extended_data;
	int n = to->nb_samples;

	for (int i = 0; i < n; i++) {
		int k = i - late;
		bool both = k >= 0 && k < b->n;

		if (!j->mix) {
			out[0][i] = a->planes[0][i];
			out[1][i] = both ? b->planes[0][k] : 0;
		}
		for (int c = 0; j->mix && c < j->channels; c++)
			out[c][i] = (a->planes[c][i] +
			    (both ? b->planes[c][k] : 0)) / 2;
	}
}

static int
begin_join(struct join *j, const AVFrame *f, struct v2m_err *err)
{
	if (resample_init(&j->to_first, f->sample_rate, j->channels,
	    add_samples, &j->heaps[0], err) < 0)
		return -1;
	return resample_init(&j->to_other, f->sample_rate, j->channels,
	    add_samples, &j->heaps[1], err);
}

int
join_frame(struct join *j, AVFrame *f, struct v2m_err *err)
{
	struct join_heap *other = &j->heaps[1];
	int late, n, used;
	AVFrame *both;

	if (f->nb_samples <= 0 || f->sample_rate <= 0)
		return 0;
	if (j->to_first.buf[0] == NULL && begin_join(j, f, err) < 0)
		return -1;
	j->heaps[0].n = 0;
	if (resample_frame(&j->to_first, f, err) < 0)
		return -1;
	n = j->heaps[0].n;
	if (align(j, stamp_s(f, j->first), n, &late, err) < 0)
		return -1;
	both = make_frame(j, f, n);
	if (both == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	put_together(j, both, late);
	used = n - late < other->n ? n - late : other->n;
	drop(other, used);
	j->at_s += (double)used / j->to_other.rate_hz;
	av_frame_unref(f);
	av_frame_move_ref(f, both);
	av_frame_free(&both);
	return 0;
}
