/* From the resampler to the encoder and the file, or to the meter. */
#include <libavutil/mathematics.h>
#include <math.h>

#include "base/text.h"
#include "engine/downmix.h"
#include "engine/level.h"
#include "engine/others.h"
#include "engine/sound_parts.h"

static int
encoded_to_mux(void *arg, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	return mux_frame(arg, frame, f, err);
}

/* Note the peak of the downmix. */
static void
watch(struct sound *s, const float *const planes[2], int n)
{
	s->mixed = true;
	for (int i = 0; i < s->resample.channels; i++)
		s->peak = fmaxf(s->peak,
		    level_peak(planes[i], n, s->level_most));
}

/* Are the next n samples from corrupt frames?  The resampler holds some of
 * their samples after the last one. */
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

/* Give the wanted samples to the encoder or the meter.  A resample_sink
 * function. */
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
	/* After clipping only the peak matters, as the file is read again. */
	return sound_clips(s) ? 0 :
	    encode_samples(&s->encoder, part, count, err);
}

bool
sound_clips(const struct sound *s)
{
	return !s->measures && !s->gain_chosen && s->peak > 1;
}

/* Measure the samples that the encoder would get. */
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

int
sound_open_sink(struct sound *s, const AVFrame *f, struct v2m_err *err)
{
	struct encode_settings wanted = {
		.rate_hz = v2m_frame_rate(f->sample_rate),
		.channels = f->ch_layout.nb_channels == 1 ||
		    s->job->settings.mono ? 1 : 2,
		.quality = s->job->settings.quality,
		.resets = s->job->resets != 0,
	};

	if (s->job->settings.bitrate_kbps > 0)
		wanted.bitrate_kbps = v2m_frame_bitrate(wanted.rate_hz,
		    s->job->settings.bitrate_kbps);
	s->level_most = wanted.level_most = fmaxf(LEVEL_MOST,
	    (float)downmix_peak(&f->ch_layout, wanted.channels));
	cut_init(&s->cut, wanted.rate_hz, s->job->settings.from_ms,
	    s->job->settings.to_ms);
	s->rate_hz = f->sample_rate;
	s->open = true;
	if (s->measures)
		return open_meter(s, &wanted, err);
	front_collect(&s->front, s->demux, &s->job->settings);
	if (resample_init(&s->resample, wanted.rate_hz, wanted.channels,
	    to_sink, s, err) < 0 ||
	    encode_open(&s->encoder, &wanted, s->pool, encoded_to_mux, &s->mux,
	    err) < 0)
		return -1;
	s->encoder.gain = (float)pow(10, s->gain_db / 20);
	return mux_open(&s->mux, s->fd, wanted.rate_hz, wanted.channels,
	    encode_delay(&s->encoder), &s->front, err);
}

int
sound_measured(struct sound *s, struct loudness_measured *m,
    struct v2m_err *err)
{
	if (resample_finish(&s->resample, err) < 0)
		return -1;
	return loudness_finish(s->meter, m, err);
}

int64_t
sound_reached_us(const struct sound *s)
{
	return (int64_t)llrint(s->reached_s * AV_TIME_BASE);
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

static void
tell_lengths(const struct sound *s, struct report_done *done)
{
	int64_t filled;

	done->rate_hz = s->resample.rate_hz;
	done->channels = s->resample.channels;
	done->samples = s->encoder.samples;
	filled = av_rescale(s->filled, done->rate_hz, s->rate_hz) -
	    s->filled_outside;
	done->filled_samples = filled < 0 ? 0 :
	    filled > done->samples ? done->samples : filled;
	done->frames = s->mux.frames;
	done->bytes = s->mux.bytes;
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
	jumps_tell(&s->jumps, &s->time);
	if (s->encoder.bent > 0)
		report_warning("%lld samples that were far too loud or no "
		    "numbers were cut", (long long)s->encoder.bent);
	front_tell(&s->front, done);
	tell_lengths(s, done);
	return 0;
}
