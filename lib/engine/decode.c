#include "engine/decode.h"

#include <libavutil/intreadwrite.h>
#include <libavutil/samplefmt.h>
#include <string.h>

/* The largest frames in the wild are those of Monkey's Audio, 1.2 million. */
#define FRAME_SAMPLES_MAX (4 << 20)
#define ERRORS_MOST 64		/* per packet */
#define BY_EDIT 0xed		/* "reason" bytes of decode_cut() */
#define OPUS_HEAD 19		/* bytes of an Opus header, at least */

/* Set what is the same for all decoders. */
static int
prepare(struct decoder *d, const AVCodecParameters *p, AVRational time_base)
{
	int e = avcodec_parameters_to_context(d->ctx, p);

	d->ctx->pkt_timebase = time_base;
	/* The samples are skipped here, as the frame's length before is
	 * needed. */
	d->ctx->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
	d->ctx->thread_count = 1;
	d->ctx->max_samples = FRAME_SAMPLES_MAX;
	return e;
}

static int
open_context(struct decoder *d, const AVCodec *codec,
    const AVCodecParameters *p, AVRational time_base, struct v2m_err *err)
{
	int e;

	d->ctx = avcodec_alloc_context3(codec);
	if (d->ctx == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	e = prepare(d, p, time_base);
	if (e >= 0)
		e = avcodec_open2(d->ctx, codec, NULL);
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (e < 0)
		return v2m_err_set(err, V2M_DATA,
		    "its sound (%s) cannot be decoded",
		    avcodec_get_name(p->codec_id));
	return 0;
}

int
decode_open(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err)
{
	memset(d, 0, sizeof *d);
	d->frame = av_frame_alloc();
	if (d->frame == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return open_context(d, codec, st->codecpar, st->time_base, err);
}

void
decode_close(struct decoder *d)
{
	avcodec_free_context(&d->ctx);
	av_frame_free(&d->frame);
}

int
decode_move(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err)
{
	avcodec_free_context(&d->ctx);
	d->skip = 0;
	return open_context(d, codec, st->codecpar, st->time_base, err);
}

int
decode_move_codec(struct decoder *d, enum AVCodecID id, struct v2m_err *err)
{
	const AVCodecParameters p = {
		.codec_type = AVMEDIA_TYPE_AUDIO, .codec_id = id, .format = -1
	};
	AVRational time_base = d->ctx->pkt_timebase;

	avcodec_free_context(&d->ctx);
	d->skip = 0;
	return open_context(d, avcodec_find_decoder(id), &p, time_base, err);
}

void
decode_leap(struct decoder *d)
{
	avcodec_flush_buffers(d->ctx);
	d->skip = 0;
}

int
decode_header(struct decoder *d, const AVStream *st, const AVPacket *pkt,
    struct v2m_err *err)
{
	const AVCodec *codec = d->ctx->codec;
	AVCodecParameters p = *st->codecpar;

	if (d->ctx->codec_id != AV_CODEC_ID_OPUS) {
		/* The Vorbis decoder reads them.  It must be flushed, as the
		 * first packet after the headers yields no samples. */
		avcodec_flush_buffers(d->ctx);
		avcodec_send_packet(d->ctx, pkt);
		while (avcodec_receive_frame(d->ctx, d->frame) >= 0)
			av_frame_unref(d->frame);
		return 0;
	}
	if (pkt->size < OPUS_HEAD || memcmp(pkt->data, "OpusHead", 8) != 0)
		return 0;
	avcodec_free_context(&d->ctx);
	p.extradata = pkt->data;
	p.extradata_size = pkt->size;
	if (open_context(d, codec, &p, st->time_base, err) < 0)
		return -1;
	d->skip = AV_RL16(pkt->data + 10);
	return 0;
}

static void
cut_front(AVFrame *f, int n)
{
	f->nb_samples -= n;
	if (f->nb_samples > 0)
		av_samples_copy(f->extended_data, f->extended_data, 0, n,
		    f->nb_samples, f->ch_layout.nb_channels, f->format);
}

/* Remove the samples to be skipped.  Returns the frame's length before (see
 * decode_frame). */
static int64_t
trim_decoded(struct decoder *d, AVFrame *f)
{
	const AVFrameSideData *side = av_frame_get_side_data(f,
	    AV_FRAME_DATA_SKIP_SAMPLES);
	int64_t behind = 0, whole = f->nb_samples, front;
	bool edited = false;

	if (side != NULL && side->size >= DECODE_CUT_SIZE) {
		edited = side->data[8] == BY_EDIT;
		if (AV_RL32(side->data) > 0)
			d->skip = AV_RL32(side->data);
		behind = AV_RL32(side->data + 4);
	}
	front = d->skip < whole ? d->skip : whole;
	d->skip -= front;
	if (f->flags & AV_FRAME_FLAG_DISCARD) {
		f->nb_samples = 0;
		return 0;
	}
	cut_front(f, (int)front);
	/* The PTS of an edited packet is that of its first kept sample. */
	if (front > 0 && !edited && f->pts != AV_NOPTS_VALUE &&
	    f->sample_rate > 0)
		f->pts += av_rescale_q(front, (AVRational){ 1, f->sample_rate },
		    d->ctx->pkt_timebase);
	if (behind <= whole)
		f->nb_samples = f->nb_samples > behind ?
		    f->nb_samples - (int)behind : 0;
	return edited ? f->nb_samples : whole;
}

void
decode_cut(uint8_t *side, int64_t front, int64_t behind)
{
	AV_WL32(side, front > INT32_MAX ? INT32_MAX : front);
	AV_WL32(side + 4, behind > INT32_MAX ? INT32_MAX : behind);
	side[8] = side[9] = BY_EDIT;
}

int
decode_packet(struct decoder *d, const AVPacket *pkt, decode_frame *fn,
    void *arg, struct v2m_err *err)
{
	int e, errors = 0, ret;
	int64_t whole;

	d->failed = false;
	if (pkt != NULL) {
		if (pkt->size == 0)
			return 0;	/* to avcodec it means the end */
		d->packets++;
	}
	e = avcodec_send_packet(d->ctx, pkt);
	for (;;) {
		if (e == AVERROR(ENOMEM))
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		if (e < 0 && e != AVERROR_EOF && e != AVERROR(EAGAIN) &&
		    ++errors > ERRORS_MOST)
			break;
		e = avcodec_receive_frame(d->ctx, d->frame);
		if (e == AVERROR(EAGAIN) || e == AVERROR_EOF)
			break;
		if (e < 0)
			continue;
		whole = trim_decoded(d, d->frame);
		ret = fn(arg, d->frame, whole, err);
		av_frame_unref(d->frame);
		if (ret != 0)
			return ret;
	}
	if (errors > 0) {
		d->damaged++;
		d->failed = true;
	}
	return 0;
}

void
decode_lost(struct decoder *d)
{
	d->packets++;
	d->damaged++;
	d->failed = true;
}
