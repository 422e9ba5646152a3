/* Seeking to the wanted part (seek.h): when it is possible, and where it
 * led. */
#include <libavutil/mathematics.h>
#include <math.h>

#include "engine/seek_count.h"
#include "engine/sound_parts.h"

#define SBR_FRAME 1536		/* samples; longer AAC frames have SBR */
#define SBR_SETTLES 12		/* frames until the noise that a decoder adds is
				 * regular */

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

	/* If anything was in doubt so far, it may be so later. */
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
	s->leaping = seek_ahead(&s->seek, d, ahead_s) > 0 ||
	    seek_count(&s->seek, d, ahead_s, &s->time.gaps, &s->jumps,
	    s->reached_s) > 0;
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

/* All samples before the frame count as put out.  The resampler starts again,
 * which is exact only where an input and an output sample are at the same
 * time. */
bool
sound_land(struct sound *s, const AVFrame *f, int64_t whole)
{
	int64_t n = seek_samples(&s->seek, s->packet.stamp_s, (int)whole);
	int64_t at = llrint(s->reached_s * s->rate_hz) + n;
	int64_t out = av_rescale(at, s->resample.rate_hz, s->rate_hz);

	s->leaping = false;
	if (n < 0 || f->sample_rate != s->rate_hz || whole != f->nb_samples ||
	    out * s->rate_hz != at * s->resample.rate_hz)
		return false;
	if (s->seek.kind != SEEK_COUNTED)
		gaps_pass(&s->time.gaps, (double)n / s->rate_hz);
	s->reached_s = (double)at / s->rate_hz;
	cut_pass(&s->cut, out);
	resample_restart(&s->resample);
	/* It is not known whether what was skipped is silent. */
	s->audible = true;
	return sound_warms(s);
}
