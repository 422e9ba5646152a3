#include "engine/copying.h"

#include <libavutil/intreadwrite.h>
#include <math.h>
#include <string.h>

#include "engine/output.h"

#define FAR_S 9e9	/* more does not fit into int64_t ns */

bool
copying_possible(const struct demux *demux, const char **why)
{
	static char text[64];

	if (demux->other != NULL) {
		*why = "two tracks are joined";
		return false;
	}
	if (demux->sound->codecpar->codec_id == AV_CODEC_ID_MP3)
		return true;
	snprintf(text, sizeof text, "its sound is %s, not mp3",
	    avcodec_get_name(demux->sound->codecpar->codec_id));
	*why = text;
	return false;
}

static int
open_mux(void *arg, const struct v2m_frame *f, int delay, struct v2m_err *err)
{
	struct copying *c = arg;

	output_tell_source(c->demux, f->rate_hz, f->channels);
	front_collect(&c->front, c->demux, &c->job->settings);
	return mux_open(&c->mux, c->fd, f->rate_hz, f->channels, delay,
	    &c->front, err);
}

static int
frame_to_mux(void *arg, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	struct copying *c = arg;

	return mux_frame(&c->mux, frame, f, err);
}

static void
note_jump(void *arg, const struct gaps_step *step, double at_s)
{
	struct copying *c = arg;

	jumps_note(&c->jumps, step, at_s);
}

int
copying_open(struct copying *c, const struct v2m_wire_job *job,
    const struct demux *demux, int fd, const struct timeline_verdict *given,
    struct v2m_err *err)
{
	const struct v2m_settings *s = &job->settings;
	struct copy_sink sink = { open_mux, frame_to_mux, note_jump, c };
	struct copy_cut cut = {
		.from_us = s->from_ms * 1000,
		.to_us = s->to_ms > 0 ? s->to_ms * 1000 : -1,
		.most_us = job->max_duration_s * 1000000,
	};

	memset(c, 0, sizeof *c);
	c->job = job;
	c->demux = demux;
	c->fd = fd;
	c->next_s = GAPS_NO_STAMP;
	return copy_open(&c->copy, &sink, &cut, given, err);
}

void
copying_close(struct copying *c)
{
	copy_close(&c->copy);
	front_release(&c->front);
	mux_close(&c->mux);
}

static int64_t
stamp_ns(const struct demux *d, const AVPacket *pkt)
{
	double s = demux_stamp_s(d, pkt);

	return fabs(s) < FAR_S ? llrint(s * 1e9) : COPY_NO_STAMP;
}

bool
copying_leap(struct copying *c, struct demux *d)
{
	if (c->seek.kind != SEEK_NOT || isnan(c->next_s) ||
	    !copy_steady(&c->copy))
		return false;
	c->seek = (struct seek){
		.next_s = c->next_s, .rate_hz = c->copy.rate_hz,
		.frame = c->copy.samples,
	};
	c->leaping = seek_ahead(&c->seek, d, copy_ahead_s(&c->copy)) > 0;
	return true;
}

bool
copying_astray(const struct copying *c)
{
	return c->astray || c->leaping;
}

/* Tell copy.h how many samples the seek skipped, by the PTS of the first packet
 * after it. */
static int
land_copy(struct copying *c, double stamp_s)
{
	int frame = c->copy.samples;
	int64_t n = seek_samples(&c->seek, stamp_s, frame);

	c->leaping = false;
	c->astray = n < 0 || n % frame != 0;
	if (c->astray)
		return COPY_CANNOT;
	copy_pass(&c->copy, n);
	return COPY_ON;
}

/* The end of the packet, seconds after time 0, if it was one whole frame. */
static double
packet_end(const struct copying *c, const AVPacket *pkt, int64_t samples)
{
	return samples == c->copy.samples && samples > 0 ?
	    demux_stamp_s(c->demux, pkt) +
	    (double)samples / c->copy.rate_hz : GAPS_NO_STAMP;
}

int
copying_packet(struct copying *c, const AVPacket *pkt, bool damaged,
    struct v2m_err *err)
{
	struct copy_packet p = {
		.bytes = pkt->data, .n = (size_t)pkt->size,
		.stamp_ns = stamp_ns(c->demux, pkt),
		.none = pkt->flags & AV_PKT_FLAG_DISCARD,
		.damaged = damaged,
		.mark = c->demux->mark,
	};
	const struct timeline_facts facts = demux_facts(c->demux);
	size_t n;
	const uint8_t *skip = av_packet_get_side_data(pkt,
	    AV_PKT_DATA_SKIP_SAMPLES, &n);
	int64_t before = c->copy.at;
	int ret;

	if (c->leaping && land_copy(c, demux_stamp_s(c->demux, pkt)) != COPY_ON)
		return COPY_CANNOT;
	if (skip != NULL && n >= 10) {
		p.front = AV_RL32(skip);
		p.behind = AV_RL32(skip + 4);
	}
	if (!c->copy.time.begun)
		copy_facts(&c->copy, &facts);
	ret = copy_packet(&c->copy, &p, err);
	c->next_s = packet_end(c, pkt, c->copy.at - before);
	return ret;
}

int
copying_finish(struct copying *c, struct report_done *done,
    struct v2m_err *err)
{
	int64_t samples;
	int ret = copy_finish(&c->copy, &samples, err);

	if (ret != COPY_ENOUGH)
		return ret;
	if (mux_finish(&c->mux, samples, err) < 0)
		return -1;
	jumps_tell(&c->jumps, &c->copy.time);
	if (c->copy.cut_short)
		output_tell_longest(c->job);
	front_tell(&c->front, done);
	done->copied = true;
	done->rate_hz = c->copy.rate_hz;
	done->channels = c->copy.framing.channels;
	done->samples = samples;
	done->filled_samples = c->copy.filled;
	done->frames = c->mux.frames;
	done->bytes = c->mux.bytes;
	return COPY_ENOUGH;
}
