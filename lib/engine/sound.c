#include "engine/sound.h"

#include <libavutil/mathematics.h>
#include <libavutil/samplefmt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/downmix.h"
#include "engine/level.h"
#include "engine/others.h"
#include "engine/output.h"
#include "engine/peak.h"

#define RATE_MOST 6000000	/* DSD comes at up to 5.6 MHz */
#define RESAMPLER_HOLDS 256	/* samples at most, that come out later */
#define HELD_BYTES (8 << 20)	/* of a packet's samples */
#define LOUDER 1.9953f		/* 6 dB */
#define QUIETEST 0.01f		/* of what there was before, at least */
#define OPUS_SILENCE 3		/* bytes of a packet that ends in silence */
#define AMR_SILENCE 7
#define SBR_FRAME 1536		/* samples: what is longer has SBR */
#define SBR_SETTLES 12		/* frames: where sound sets in, the noise that
				 * a decoder adds begins between two of them */

void
sound_init(struct sound *s, const struct v2m_wire_job *job,
    const struct demux *demux, struct pool *pool, int fd,
    const struct timeline_verdict *given)
{
	const struct timeline_facts none = { .own_s = -1, .total_s = -1 };

	memset(s, 0, sizeof *s);
	s->job = job;
	s->demux = demux;
	s->pool = pool;
	s->fd = fd;
	timeline_init(&s->time, &none, given);
}

void
sound_release(struct sound *s)
{
	timeline_release(&s->time);
	waiting_release(&s->waiting);
	resample_release(&s->resample);
	loudness_free(s->meter);
	s->meter = NULL;
	encode_close(&s->encoder);
	mux_close(&s->mux);
	front_release(&s->front);
}

static int
encoded_to_mux(void *arg, const uint8_t *frame, const struct v2m_frame *f,
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

/* May the codec leave out packets after this one because there is silence? */
static bool
is_quiet(enum AVCodecID id, int bytes)
{
	switch (id) {
	case AV_CODEC_ID_OPUS:
		return bytes <= OPUS_SILENCE;
	case AV_CODEC_ID_AMR_NB:
	case AV_CODEC_ID_AMR_WB:
		return bytes <= AMR_SILENCE;
	default:
		return false;
	}
}

static double
parsed_length(const struct demux *d, const AVPacket *pkt)
{
	AVCodecParameters *p = d->sound->codecpar;
	int samples = av_get_audio_frame_duration2(p, pkt->size);

	if (samples > 0 && p->sample_rate > 0)
		return (double)samples / p->sample_rate;
	return pkt->duration > 0 ?
	    (double)pkt->duration * av_q2d(d->sound->time_base) : 0;
}

void
sound_packet(struct sound *s, const AVPacket *pkt, bool doubtful)
{
	s->packet = (struct gaps_packet){ .stamp_s = GAPS_NO_STAMP };
	s->left_out = false;
	s->doubtful = doubtful;
	s->parsed_s = 0;
	if (pkt == NULL)
		return;
	s->packet.stamp_s = demux_stamp_s(s->demux, pkt);
	s->packet.bytes = pkt->size;
	s->packet.mark = s->link_waits ? GAPS_LINK : s->demux->mark;
	s->packet.quiet = is_quiet(s->demux->sound->codecpar->codec_id,
	    pkt->size);
	s->left_out = pkt->flags & AV_PKT_FLAG_DISCARD;
	s->parsed_s = parsed_length(s->demux, pkt);
}

/* The first sound there is; cut: samples of it that are none. */
static int
begin_sound(struct sound *s, const AVFrame *f, int64_t cut, struct v2m_err *err)
{
	if (open_all(s, f, err) < 0)
		return -1;
	s->time.facts = demux_facts(s->demux);
	timeline_begin(&s->time, s->packet.stamp_s + s->packet.length_s +
	    (double)cut / f->sample_rate);
	return 0;
}

/* Only of these demuxers is it known that they mark what is damaged. */
static bool
may_be_damaged(const struct sound *s)
{
	const char *format = s->demux->fmt->iformat->name;

	return strcmp(format, "mpegts") == 0 || strcmp(format, "asf") == 0;
}

/* Is it noise, by its level? */
static bool
is_noise(struct sound *s, const AVFrame *f)
{
	float peak;

	if (!may_be_damaged(s))
		return false;
	peak = peak_of(f);
	if (s->doubtful)
		return peak > LOUDER * fmaxf(s->good_peak,
		    QUIETEST);
	s->good_peak = fmaxf(s->good_peak, peak);
	return false;
}

/* A packet of very many samples goes on as one without a stamp. */
static int
end_part(struct sound *s, struct v2m_err *err)
{
	int ret = sound_packet_end(s, false, err);

	s->packet = (struct gaps_packet){ .stamp_s = GAPS_NO_STAMP };
	return ret;
}

static int
keep_frame(struct sound *s, AVFrame *f, struct v2m_err *err)
{
	if (s->doubtful)
		f->flags |= AV_FRAME_FLAG_CORRUPT;
	return is_noise(s, f) ? waiting_silence(&s->waiting, f->nb_samples,
	    f->sample_rate, s->came, err) :
	    waiting_frame(&s->waiting, f, s->came, err);
}

static void
heed_flags(struct sound *s, const AVFrame *f)
{
	bool spoilt = (f->flags & AV_FRAME_FLAG_CORRUPT) != 0;

	if (s->spoilt && !spoilt)
		s->spoilt_left = RESAMPLER_HOLDS;
	s->spoilt = spoilt;
}

bool
sound_settled(const struct sound *s)
{
	bool sbr = s->demux->sound->codecpar->codec_id == AV_CODEC_ID_AAC &&
	    s->last_s * s->rate_hz > SBR_FRAME;

	return s->placed >= (sbr ? SBR_SETTLES : 1);
}

bool
sound_leap(struct sound *s, struct demux *d)
{
	double ahead_s = s->job->settings.from_ms / 1000.0 - s->reached_s;

	/* Where anything is in doubt, it may be so all along. */
	if (!s->open || s->seek.kind != SEEK_NOT || s->placed < s->came ||
	    s->owed_s > 0 || s->time.gaps.steps > 0 ||
	    isnan(s->packet.stamp_s) || s->left_out || s->idle ||
	    s->time.given.gaps.nothing != GAPS_FILLED)
		return false;
	s->seek = (struct seek){
		.next_s = s->packet.stamp_s + s->packet.length_s,
		.rate_hz = s->rate_hz,
		.frame = (int)lrint(s->packet.length_s * s->rate_hz),
	};
	s->leaping = seek_ahead(&s->seek, d, ahead_s) > 0;
	return s->leaping;
}

bool
sound_skips(const struct sound *s, const AVPacket *pkt)
{
	return s->leaping && demux_stamp_s(s->demux, pkt) < s->seek.from_s;
}

bool
sound_warms(const struct sound *s)
{
	return s->leaping || (s->seek.kind != SEEK_NOT && s->reached_s +
	    s->seek.run_up_s / 2 < s->job->settings.from_ms / 1000.0);
}

bool
sound_astray(const struct sound *s)
{
	return s->astray || s->leaping;
}

/* The first frame after a leap: all before it counts as put out.  The resampler
 * begins anew, which it can where a sample that goes in and one that comes out
 * are at the same time. */
static bool
land_frame(struct sound *s, const AVFrame *f, int64_t whole)
{
	int64_t n = seek_samples(&s->seek, s->packet.stamp_s, (int)whole);
	int64_t at = llrint(s->reached_s * s->rate_hz) + n;
	int64_t out = av_rescale(at, s->resample.rate_hz, s->rate_hz);

	s->leaping = false;
	if (n < 0 || f->sample_rate != s->rate_hz || whole != f->nb_samples ||
	    out * s->rate_hz != at * s->resample.rate_hz)
		return false;
	gaps_pass(&s->time.gaps, (double)n / s->rate_hz);
	s->reached_s = (double)at / s->rate_hz;
	cut_pass(&s->cut, out);
	resample_restart(&s->resample);
	/* Nobody heard what was left out. */
	s->audible = true;
	return sound_warms(s);
}

int
sound_frame(void *arg, AVFrame *f, int64_t whole, struct v2m_err *err)
{
	struct sound *s = arg;
	int64_t cut = whole - f->nb_samples;
	bool large;

	if (whole <= 0)
		return 0;
	if (f->sample_rate <= 0 || f->sample_rate > RATE_MOST ||
	    f->ch_layout.nb_channels <= 0)
		return v2m_err_set(err, V2M_DATA, "sound at %d Hz in %d "
		    "channels", f->sample_rate, f->ch_layout.nb_channels);
	if (f->nb_samples > 0 && !s->open && begin_sound(s, f, cut, err) < 0)
		return -1;
	if (s->leaping && f->nb_samples == 0)
		return 0;	/* the decoder warms up, as at the start */
	if (s->leaping && !land_frame(s, f, whole)) {
		s->astray = true;
		return 1;
	}
	s->packet.length_s += (double)whole / f->sample_rate;
	large = s->packet.length_s * f->sample_rate *
	    f->ch_layout.nb_channels * av_get_bytes_per_sample(f->format) >
	    HELD_BYTES;
	if (f->nb_samples > 0 && !s->idle && keep_frame(s, f, err) < 0)
		return -1;
	return large ? end_part(s, err) : 0;
}

/* Silence put in that is not wanted. */
static void
note_filled(struct sound *s, int64_t n)
{
	int rate = s->resample.rate_hz;
	int64_t at = (int64_t)llrint(s->reached_s * rate);

	s->filled += n;
	n = av_rescale(n, rate, s->rate_hz);
	s->filled_outside += n - cut_within(&s->cut, at, n);
}

/* n samples more, as far as the job may go? */
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

/* like: the frame that follows. */
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

/* Silence waits for what follows: none is put behind the last sound. */
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

/* A packet whose place is known, and what comes before it. */
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

/* All whose places are known. */
static int
put_placed(struct sound *s, struct v2m_err *err)
{
	struct gaps_step step;
	int ret = 0;

	while (ret == 0 && gaps_next(&s->time.gaps, &step)) {
		/* Asked first: such a fill may last a day. */
		s->idle = s->idle || timeline_doubtful(&s->time);
		if (!s->idle)
			ret = put_packet(s, &step, err);
	}
	return ret;
}

/* Silence in the place of a packet that could not be decoded. */
static int
stand_in(struct sound *s, struct v2m_err *err)
{
	s->packet.length_s = s->parsed_s > 0 ? s->parsed_s : s->last_s;
	return waiting_silence(&s->waiting,
	    llrint(s->packet.length_s * s->rate_hz), s->rate_hz, s->came, err);
}

int
sound_packet_end(struct sound *s, bool damaged, struct v2m_err *err)
{
	if (!s->open || s->left_out || s->leaping)
		return 0;
	if (s->packet.length_s <= 0 && damaged && stand_in(s, err) < 0)
		return -1;
	/* A link begins with what gives sound, as the whole does. */
	s->link_waits = s->packet.mark == GAPS_LINK && s->packet.length_s <= 0;
	if (s->link_waits)
		return 0;
	s->last_s = s->packet.length_s;
	s->came++;
	if (gaps_add(&s->time.gaps, &s->packet, err) < 0)
		return -1;
	return put_placed(s, err);
}

int
sound_flush(struct sound *s, struct v2m_err *err)
{
	int ret;

	if (!s->open)
		return 0;
	ret = sound_packet_end(s, false, err);
	if (ret != 0)
		return ret;
	gaps_finish(&s->time.gaps);
	return put_placed(s, err);
}

bool
sound_misplaced(const struct sound *s, struct timeline_verdict *v)
{
	return timeline_end(&s->time, v) || s->idle;
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
	jumps_tell(&s->jumps, &s->time);
	if (s->encoder.bent > 0)
		report_warning("%lld samples that were far too loud or no "
		    "numbers were cut", (long long)s->encoder.bent);
	done->rate_hz = s->resample.rate_hz;
	done->channels = s->resample.channels;
	done->samples = s->encoder.samples;
	done->filled_samples = av_rescale(s->filled, done->rate_hz,
	    s->rate_hz) - s->filled_outside;
	if (done->filled_samples < 0)
		done->filled_samples = 0;
	if (done->filled_samples > done->samples)
		done->filled_samples = done->samples;
	front_tell(&s->front, done);
	done->frames = s->mux.frames;
	done->bytes = s->mux.bytes;
	return 0;
}
