/* Packets whose place in time is known go to the resampler, with the silence
 * before them. */
#include <libavutil/mathematics.h>
#include <math.h>

#include "engine/output.h"
#include "engine/sound_parts.h"

#define RESAMPLER_HOLDS 256	/* samples that a resampler holds, at most */

/* Count silence that is put out, and how much of it is outside the wanted
 * part. */
static void
note_filled(struct sound *s, int64_t n)
{
	int rate = s->resample.rate_hz;
	int64_t at = (int64_t)llrint(s->reached_s * rate);

	s->filled += n;
	n = av_rescale(n, rate, s->rate_hz);
	s->filled_outside += n - cut_within(&s->cut, at, n);
}

/* Would n more samples reach the longest duration allowed? */
static bool
is_longest(struct sound *s, int64_t n)
{
	double end = s->reached_s + (double)n / s->rate_hz;

	if (end < (double)s->job->max_duration_s +
	    (double)s->job->settings.from_ms / 1000)
		return false;
	output_tell_longest(s->job);
	return true;
}

static void
change_rate(struct sound *s, int rate_hz)
{
	s->filled = av_rescale(s->filled, rate_hz, s->rate_hz);
	s->rate_hz = rate_hz;
}

static void
heed_flags(struct sound *s, const AVFrame *f)
{
	bool spoilt = (f->flags & AV_FRAME_FLAG_CORRUPT) != 0;

	if (s->spoilt && !spoilt)
		s->spoilt_left = RESAMPLER_HOLDS;
	s->spoilt = spoilt;
}

/* Put out silence; like: the frame that follows it. */
static int
put_filled(struct sound *s, double seconds, const AVFrame *like,
    struct v2m_err *err)
{
	int64_t n;

	if (like->sample_rate != s->rate_hz)
		change_rate(s, like->sample_rate);
	seconds = fmin(seconds, (double)s->job->max_duration_s + 1 +
	    (double)s->job->settings.from_ms / 1000);
	n = (int64_t)llrint(seconds * s->rate_hz);
	if (n <= 0)
		return 0;
	if (is_longest(s, n))
		return 1;
	note_filled(s, n);
	s->reached_s += (double)n / s->rate_hz;
	return resample_silence(&s->resample, like, n, err);
}

static int
put_frame(struct sound *s, const AVFrame *f, struct v2m_err *err)
{
	if (f->sample_rate != s->rate_hz)
		change_rate(s, f->sample_rate);
	if (is_longest(s, f->nb_samples))
		return 1;
	s->reached_s += (double)f->nb_samples / s->rate_hz;
	heed_flags(s, f);
	if (resample_frame(&s->resample, f, err) < 0)
		return -1;
	return cut_over(&s->cut) ? 1 : 0;
}

/* Silence waits for a frame, as none is added after the last sound. */
static int
put_piece(struct sound *s, const struct waiting_piece *p, struct v2m_err *err)
{
	double owed_s = s->owed_s;
	int ret;

	if (p->silence > 0) {
		s->owed_s += (double)p->silence / p->rate_hz;
		return 0;
	}
	s->owed_s = 0;
	ret = put_filled(s, owed_s, p->frame, err);
	return ret != 0 ? ret : put_frame(s, p->frame, err);
}

/* Put out a packet, after the silence before it. */
static int
put_packet(struct sound *s, const struct gaps_step *step, struct v2m_err *err)
{
	const struct waiting_piece *p = waiting_first(&s->waiting, s->placed);
	int ret = 0;

	jumps_note(&s->jumps, step, s->reached_s + s->owed_s);
	s->owed_s += step->fill_s;
	if (s->placed == 0)
		s->owed_s += s->time.front_s;
	for (; ret == 0 && p != NULL;
	    p = waiting_first(&s->waiting, s->placed)) {
		ret = put_piece(s, p, err);
		waiting_drop_first(&s->waiting);
	}
	s->placed++;
	return ret;
}

int
sound_put_placed(struct sound *s, struct v2m_err *err)
{
	struct gaps_step step;
	int ret = 0;

	while (ret == 0 && gaps_next(&s->time.gaps, &step)) {
		/* Ask this first: the silence may last a day. */
		s->idle = s->idle || timeline_doubtful(&s->time);
		if (!s->idle)
			ret = put_packet(s, &step, err);
	}
	return ret;
}
