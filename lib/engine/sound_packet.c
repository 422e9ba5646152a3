/* What is known about a packet before it is decoded, and about the result for
 * damaged ones. */
#include <math.h>

#include "engine/format.h"
#include "engine/peak.h"
#include "engine/sound_parts.h"

#define LOUDER 1.9953f		/* 6 dB */
#define QUIETEST 0.01f		/* the lowest peak that counts as before */
#define OPUS_SILENCE 3		/* bytes of a packet before silence, at most */
#define AMR_SILENCE 7

/* Does the codec send no packets after this one while there is silence
 * (DTX)? */
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

/* Only these demuxers are known to mark damaged packets, or to return data in
 * which damage is detected. */
static bool
may_be_damaged(const struct sound *s)
{
	return format_is(s->demux->fmt, "mpegts,asf,mp3,aac,ac3,eac3,loas");
}

/* Decoders overlap each frame with the next, so a frame after noise is
 * doubtful, too. */
bool
sound_is_noise(struct sound *s, const AVFrame *f)
{
	bool doubtful = s->doubtful || s->lapped, noise;
	float peak;

	if (!may_be_damaged(s))
		return false;
	peak = peak_of(f);
	noise = doubtful && peak > LOUDER * fmaxf(s->good_peak, QUIETEST);
	s->lapped = s->doubtful && noise;
	if (!doubtful)
		s->good_peak = fmaxf(s->good_peak, peak);
	return noise;
}
