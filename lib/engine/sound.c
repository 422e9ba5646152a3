#include "engine/sound.h"

#include <libavutil/mathematics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/downmix.h"
#include "engine/level.h"
#include "engine/others.h"
#include "engine/output.h"

#define RATE_MOST 6000000	/* DSD comes at up to 5.6 MHz */
#define FILLING_PER_S 4		/* a quarter of a second, at most */
#define RESAMPLER_HOLDS 256	/* samples at most, that come out later */

void
sound_init(struct sound *s, const struct v2m_wire_job *job,
    const struct demux *demux, struct pool *pool, int fd)
{
	memset(s, 0, sizeof *s);
	s->job = job;
	s->demux = demux;
	s->pool = pool;
	s->fd = fd;
}

void
sound_release(struct sound *s)
{
	resample_release(&s->resample);
	loudness_free(s->meter);
	s->meter = NULL;
	encode_close(&s->encoder);
	mux_close(&s->mux);
	front_release(&s->front);
}

static int
to_mux(void *arg, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	return mux_frame(arg, frame, f, err);
}

/* How high what was mixed down comes. */
static void
watch(struct sound *s, const float *const planes[2], int n)
{
	s->mixed = true;
	for (int i = 0; i < s->resample.channels; i++)
		s->peak = fmaxf(s->peak,
		    level_peak(planes[i], n, s->level_most));
}

/* What came out of spoilt frames: all while they go in, and what the resampler
 * held of them. */
static bool
is_spoilt(struct sound *s, int n)
{
	bool spoilt = s->spoilt || s->spoilt_left > 0;

	s->spoilt_left -= n < s->spoilt_left ? n : s->spoilt_left;
	return spoilt;
}

static bool
is_audible(const float *const planes[2], int n)
{
	for (int i = 0; i < n; i++)
		if (fabsf(planes[0][i]) > OTHERS_AUDIBLE ||
		    fabsf(planes[1][i]) > OTHERS_AUDIBLE)
			return true;
	return false;
}

/* What is wanted of it, to the encoder or to be measured. */
static int
to_sink(void *arg, const float *const planes[2], int n, struct v2m_err *err)
{
	struct sound *s = arg;
	const float *part[2];
	bool spoilt = is_spoilt(s, n);
	int first, count;

	s->audible = s->audible || is_audible(planes, n);
	cut_take(&s->cut, n, &first, &count);
	if (count == 0)
		return 0;
	part[0] = planes[0] + first;
	part[1] = planes[1] + first;
	if (s->resample.mixes && !spoilt)
		watch(s, part, count);
	if (s->measures)
		return spoilt ? 0 :
		    loudness_samples(s->meter, part, count, err);
	/* The rest has but to be heard. */
	return sound_clips(s) ? 0 :
	    encode_samples(&s->encoder, part, count, err);
}

bool
sound_clips(const struct sound *s)
{
	return !s->measures && !s->gain_chosen && s->peak > 1;
}

/* With what the encoder would get. */
static int
open_meter(struct sound *s, const struct encode_settings *wanted,
    struct v2m_err *err)
{
	s->meter = loudness_new(wanted->rate_hz, wanted->channels,
	    s->level_most, s->pool, err);
	if (s->meter == NULL)
		return -1;
	return resample_init(&s->resample, wanted->rate_hz, wanted->channels,
	    to_sink, s, err);
}

static int
open_all(struct sound *s, const AVFrame *f, struct v2m_err *err)
{
	struct encode_settings wanted = {
		.rate_hz = v2m_frame_rate(f->sample_rate),
		.channels = f->ch_layout.nb_channels == 1 ||
		    s->job->settings.mono ? 1 : 2,
		.quality = s->job->settings.quality,
		.resets = s->job->resets != 0,
	};
	int64_t claim = claim_us(&s->demux->claim);

	if (s->job->settings.bitrate_kbps > 0)
		wanted.bitrate_kbps = v2m_frame_bitrate(wanted.rate_hz,
		    s->job->settings.bitrate_kbps);
	s->level_most = wanted.level_most = fmaxf(LEVEL_MOST,
	    (float)downmix_peak(&f->ch_layout, wanted.channels));
	cut_init(&s->cut, wanted.rate_hz, s->job->settings.from_ms,
	    s->job->settings.to_ms);
	s->time.rate_hz = f->sample_rate;
	s->time.claim = claim < 0 ? -1 :
	    av_rescale(claim, f->sample_rate, AV_TIME_BASE);
	s->open = true;
	if (s->measures)
		return open_meter(s, &wanted, err);
	front_collect(&s->front, s->demux, &s->job->settings);
	if (resample_init(&s->resample, wanted.rate_hz, wanted.channels,
	    to_sink, s, err) < 0 ||
	    encode_open(&s->encoder, &wanted, s->pool, to_mux, &s->mux,
	    err) < 0)
		return -1;
	s->encoder.gain = (float)pow(10, s->gain_db / 20);
	return mux_open(&s->mux, s->fd, wanted.rate_hz, wanted.channels,
	    encode_delay(&s->encoder), &s->front, err);
}

/* A frame's time stamp in samples since the job's time 0. */
static int64_t
stamp(const struct sound *s, const AVFrame *f)
{
	const AVRational samples = { 1, f->sample_rate };
	int64_t at, origin;

	if (f->pts == AV_NOPTS_VALUE)
		return TIMELINE_NO_STAMP;
	at = av_rescale_q(f->pts, s->demux->sound->time_base, samples);
	origin = av_rescale_q(s->demux->origin_us, AV_TIME_BASE_Q, samples);
	if (llabs(at / 2) > INT64_MAX / 4 || llabs(origin / 2) > INT64_MAX / 4)
		return TIMELINE_NO_STAMP;
	return at - origin;
}

/* Sound that comes first in its file begins at time 0, also where a decoder
 * cuts the encoder's filling from it and the container (ASF) does not know. */
static void
begin_time(struct sound *s, const AVFrame *f)
{
	int64_t at = stamp(s, f);

	if (s->demux->first_us != AV_NOPTS_VALUE &&
	    s->demux->first_us <= s->demux->origin_us &&
	    at > 0 && at < f->sample_rate / FILLING_PER_S)
		s->time.shift = at;
}

/* Silence put in that is not wanted. */
static void
note_filled(struct sound *s, int64_t at, int64_t n)
{
	int rate = s->resample.rate_hz;

	at = av_rescale(at, rate, s->time.rate_hz);
	n = av_rescale(n, rate, s->time.rate_hz);
	s->filled_outside += n - cut_within(&s->cut, at, n);
}

static void
heed_flags(struct sound *s, const AVFrame *f)
{
	bool spoilt = (f->flags & AV_FRAME_FLAG_CORRUPT) != 0;

	if (s->spoilt && !spoilt)
		s->spoilt_left = RESAMPLER_HOLDS;
	s->spoilt = spoilt;
}

int
sound_frame(struct sound *s, const AVFrame *f, struct v2m_err *err)
{
	struct timeline before;
	int64_t samples;
	enum timeline_step step;

	if (f->nb_samples <= 0)
		return 0;
	if (f->sample_rate <= 0 || f->sample_rate > RATE_MOST ||
	    f->ch_layout.nb_channels <= 0)
		return v2m_err_set(err, V2M_DATA, "sound at %d Hz in %d "
		    "channels", f->sample_rate, f->ch_layout.nb_channels);
	if (!s->open) {
		if (open_all(s, f, err) < 0)
			return -1;
		begin_time(s, f);
	}
	if (f->sample_rate != s->time.rate_hz)
		timeline_change_rate(&s->time, f->sample_rate);
	before = s->time;
	step = timeline_place(&s->time, stamp(s, f), f->nb_samples, &samples);
	if (s->time.at / s->time.rate_hz - s->job->settings.from_ms / 1000 >=
	    s->job->max_duration_s) {
		s->time = before;
		output_tell_longest(s->job);
		return 1;
	}
	if (step == TIMELINE_JUMP)
		jumps_tell(&s->jumps, before.at, samples, s->time.rate_hz);
	if (step == TIMELINE_FILL) {
		note_filled(s, before.at, samples);
		if (resample_silence(&s->resample, f, samples, err) < 0)
			return -1;
	}
	heed_flags(s, f);
	if (resample_frame(&s->resample, f, err) < 0)
		return -1;
	return cut_over(&s->cut) ? 1 : 0;
}

int64_t
sound_reached_us(const struct sound *s)
{
	int64_t at = s->time.at;

	if (!s->open)
		return 0;
	if (s->time.shift > 0)
		at += s->time.shift;
	return av_rescale(at, AV_TIME_BASE, s->time.rate_hz);
}

static int
nothing_there(const struct sound *s, struct v2m_err *err)
{
	char from[32], end[32];

	if (s->cut.from < s->cut.at)
		return v2m_err_set(err, V2M_DATA, "no sound in it");
	return v2m_err_set(err, V2M_DATA, "no sound at %s or later: it ends "
	    "at %s", v2m_text_duration(from, s->job->settings.from_ms),
	    v2m_text_duration(end, sound_reached_us(s) / 1000));
}

int
sound_measured(struct sound *s, struct loudness_measured *m,
    struct v2m_err *err)
{
	if (resample_finish(&s->resample, err) < 0)
		return -1;
	return loudness_finish(s->meter, m, err);
}

int
sound_finish(struct sound *s, struct report_done *done, struct v2m_err *err)
{
	if (resample_finish(&s->resample, err) < 0)
		return -1;
	if (s->encoder.samples == 0)
		return nothing_there(s, err);
	if (encode_finish(&s->encoder, err) < 0 ||
	    mux_finish(&s->mux, s->encoder.samples, err) < 0)
		return -1;
	jumps_tell_rest(&s->jumps);
	if (s->encoder.bent > 0)
		report_warning("%lld samples that were far too loud or no "
		    "numbers were cut", (long long)s->encoder.bent);
	done->rate_hz = s->resample.rate_hz;
	done->channels = s->resample.channels;
	done->samples = s->encoder.samples;
	done->filled_samples = av_rescale(s->time.filled, done->rate_hz,
	    s->time.rate_hz) - s->filled_outside;
	if (done->filled_samples < 0)
		done->filled_samples = 0;
	if (done->filled_samples > done->samples)
		done->filled_samples = done->samples;
	front_tell(&s->front, done);
	done->frames = s->mux.frames;
	done->bytes = s->mux.bytes;
	return 0;
}
