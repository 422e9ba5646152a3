#include "engine/task.h"

#include "engine/format.h"
#include "engine/output.h"

/* A probe that has read so much without sound accepts the track that was
 * found. */
#define PROBE_BYTES (32 << 20)
#define PACKETS 64		/* packets between two looks at the parent's
				 * messages */

/* A file from a disc usually begins within a frame: not damage. */
static void
forget_torn(struct task *t)
{
	if (format_is(t->demux.fmt, "mpeg") && t->decoder.damaged == 1)
		t->decoder.damaged = 0;
}

static int
hear_frame(void *arg, AVFrame *frame, int64_t whole, struct v2m_err *err)
{
	struct task *t = arg;

	if (t->join.open && join_frame(&t->join, frame, err) < 0)
		return -1;
	if (!t->heard && frame->nb_samples > 0) {
		forget_torn(t);
		output_tell_source(&t->demux, frame->sample_rate,
		    frame->ch_layout.nb_channels);
	}
	t->heard |= frame->nb_samples > 0;
	if (t->job->kind == V2M_WIRE_CONVERT)
		return sound_frame(&t->sound, frame, whole, err);
	return t->heard;
}

int
task_decode_one(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err)
{
	struct task *t = arg;
	bool converts = t->job->kind == V2M_WIRE_CONVERT;
	int64_t damaged = t->decoder.damaged;
	int ret = 0;

	if (state == FEED_MOVED)
		return decode_move_codec(&t->decoder, t->feed.codec, err);
	if (state == FEED_SHORT) {
		if (!converts || !sound_warms(&t->sound))
			decode_lost(&t->decoder);
		return 0;
	}
	if (converts)
		sound_packet(&t->sound, pkt, state == FEED_DOUBTFUL);
	if (state == FEED_LOST)
		decode_lost(&t->decoder);
	else
		ret = decode_packet(&t->decoder, pkt, hear_frame, t, err);
	if (ret != 0 || !converts)
		return ret;
	/* It is not damage if a decoder starts within a stream, or cannot
	 * decode silence. */
	if (sound_warms(&t->sound) || (pkt != NULL && frames_silent(
	    t->feed.kind, pkt->data, (size_t)pkt->size)))
		t->decoder.damaged = damaged;
	return pkt == NULL ? sound_flush(&t->sound, err) :
	    sound_packet_end(&t->sound, t->decoder.failed, err);
}

/* The sound continues in another stream: give the decoder what is left, then
 * open another. */
static int
follow_on(struct task *t, struct v2m_err *err)
{
	int ret = feed_packet(&t->feed, NULL, err);

	if (ret != 0)
		return ret;
	t->demux.moved = false;
	feed_move(&t->feed, t->demux.codec->id);
	return decode_move(&t->decoder, t->demux.sound, t->demux.codec, err);
}

static int
take_packet(struct task *t, struct v2m_err *err)
{
	int ret = t->demux.moved ? follow_on(t, err) : 0;

	if (ret != 0)
		return ret;
	if (t->demux.header)
		return decode_header(&t->decoder, t->demux.sound, t->pkt, err);
	return sound_skips(&t->sound, t->pkt) ? 0 :
	    feed_packet(&t->feed, t->pkt, err);
}

/* Seek to the wanted part, once the start of the sound is known. */
static void
leap(struct task *t)
{
	if (!t->may_leap || !t->heard || t->join.open ||
	    t->feed.damaged->size > 0 || !sound_settled(&t->sound))
		return;
	t->may_leap = false;
	if (sound_leap(&t->sound, &t->demux))
		decode_leap(&t->decoder);
}

static bool
probed_enough(const struct task *t)
{
	return t->job->kind == V2M_WIRE_PROBE && t->decoder.damaged == 0 &&
	    input_bytes(t->input) > PROBE_BYTES;
}

int
task_decode_all(struct task *t, struct v2m_err *err)
{
	int more, ret;

	while ((more = demux_next(&t->demux, t->pkt, err)) > 0) {
		ret = take_packet(t, err);
		av_packet_unref(t->pkt);
		t->enough = ret > 0;
		if (ret != 0)
			return ret < 0 ? -1 : 0;
		if (t->job->kind == V2M_WIRE_CONVERT) {
			leap(t);
			task_tell_progress(t);
			if (++t->packets % PACKETS == 0)
				task_hear_share(t);
		}
		else if ((t->enough = probed_enough(t)))
			return 0;
	}
	if (more < 0)
		return -1;
	ret = feed_packet(&t->feed, NULL, err);
	if (ret == 0)
		ret = task_decode_one(t, NULL, FEED_GOOD, err);
	t->enough = ret > 0;
	return ret < 0 ? -1 : 0;
}
