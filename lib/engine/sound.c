#include "engine/sound.h"

#include <libavutil/samplefmt.h>
#include <math.h>
#include <string.h>

#include "engine/sound_parts.h"

#define RATE_MOST 6000000	/* DSD: up to 5.6 MHz */
#define HELD_BYTES (8 << 20)	/* decoded bytes held of a packet */

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

/* The first frame with samples; cut: samples removed before it. */
static int
begin_sound(struct sound *s, const AVFrame *f, int64_t cut, struct v2m_err *err)
{
	if (sound_open_sink(s, f, err) < 0)
		return -1;
	s->time.facts = demux_facts(s->demux);
	timeline_begin(&s->time, s->packet.stamp_s + s->packet.length_s +
	    (double)cut / f->sample_rate);
	return 0;
}

/* End the current part of a packet; the rest counts as a packet without a
 * PTS. */
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
	if (sound_is_noise(s, f))
		return waiting_silence(&s->waiting, f->nb_samples,
		    f->sample_rate, s->came, err);
	return waiting_frame(&s->waiting, f, s->came, err);
}

/* A FLAC packet is one frame; more than one if damage hides frame headers. */
static bool
is_another(const struct sound *s)
{
	return s->demux->sound->codecpar->codec_id == AV_CODEC_ID_FLAC &&
	    s->packet.length_s > 0;
}

/* Has the packet more decoded bytes than HELD_BYTES? */
static bool
is_large(const struct sound *s, const AVFrame *f)
{
	return s->packet.length_s * f->sample_rate * f->ch_layout.nb_channels *
	    av_get_bytes_per_sample(f->format) > HELD_BYTES;
}

int
sound_frame(void *arg, AVFrame *f, int64_t whole, struct v2m_err *err)
{
	struct sound *s = arg;
	int ret = is_another(s) ? end_part(s, err) : 0;
	bool large;

	if (ret != 0 || whole <= 0)
		return ret;
	if (f->sample_rate <= 0 || f->sample_rate > RATE_MOST ||
	    f->ch_layout.nb_channels <= 0)
		return v2m_err_set(err, V2M_DATA, "sound at %d Hz in %d "
		    "channels", f->sample_rate, f->ch_layout.nb_channels);
	if (f->nb_samples > 0 && !s->open &&
	    begin_sound(s, f, whole - f->nb_samples, err) < 0)
		return -1;
	if (s->leaping && f->nb_samples == 0)
		return 0;	/* the decoder yields nothing yet */
	if (s->leaping && !sound_land(s, f, whole)) {
		s->astray = true;
		return 1;
	}
	s->packet.length_s += (double)whole / f->sample_rate;
	large = is_large(s, f);		/* keep_frame() empties f */
	if (f->nb_samples > 0 && !s->idle && keep_frame(s, f, err) < 0)
		return -1;
	return large ? end_part(s, err) : 0;
}

/* Replace a packet that could not be decoded by silence. */
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
	/* A link begins with its first packet that yields sound. */
	s->link_waits = s->packet.mark == GAPS_LINK && s->packet.length_s <= 0;
	if (s->link_waits)
		return 0;
	s->last_s = s->packet.length_s;
	s->came++;
	if (gaps_add(&s->time.gaps, &s->packet, err) < 0)
		return -1;
	return sound_put_placed(s, err);
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
	return sound_put_placed(s, err);
}

bool
sound_misplaced(const struct sound *s, struct timeline_verdict *v)
{
	return timeline_end(&s->time, v) || s->idle;
}
