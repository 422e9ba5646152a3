#include "engine/decode.h"

#include <string.h>

#include "engine/kind.h"

/* The largest frames in the wild are those of Monkey's Audio, 1.2 million. */
#define FRAME_SAMPLES_MAX (4 << 20)
#define ERRORS_MOST 64		/* of one packet */

int
decode_open(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err)
{
	char name[KIND_SIZE];
	int e;

	memset(d, 0, sizeof *d);
	d->ctx = avcodec_alloc_context3(codec);
	d->frame = av_frame_alloc();
	if (d->ctx == NULL || d->frame == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	e = avcodec_parameters_to_context(d->ctx, st->codecpar);
	if (e >= 0) {
		/* With this libavcodec cuts what encoders put in front and
		 * behind to fill their frames. */
		d->ctx->pkt_timebase = st->time_base;
		d->ctx->thread_count = 1;
		d->ctx->max_samples = FRAME_SAMPLES_MAX;
		e = avcodec_open2(d->ctx, codec, NULL);
	}
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (e < 0)
		return v2m_err_set(err, V2M_DATA,
		    "its sound (%s) cannot be decoded", kind_name(name, st));
	return 0;
}

void
decode_close(struct decoder *d)
{
	avcodec_free_context(&d->ctx);
	av_frame_free(&d->frame);
}

/* A packet that the demuxer knows to be damaged makes noise in most codecs;
 * in PCM what is there is good. */
static bool
spoilt(const struct decoder *d, const AVPacket *pkt)
{
	return pkt->flags & AV_PKT_FLAG_CORRUPT &&
	    av_get_bits_per_sample(d->ctx->codec_id) == 0;
}

int
decode_packet(struct decoder *d, const AVPacket *pkt, decode_frame *fn,
    void *arg, struct v2m_err *err)
{
	int e, errors = 0, ret;

	if (pkt != NULL) {
		if (pkt->size == 0)
			return 0;	/* would mean the end */
		d->packets++;
		if (spoilt(d, pkt)) {
			d->damaged++;
			return 0;
		}
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
		ret = fn(arg, d->frame, err);
		av_frame_unref(d->frame);
		if (ret != 0)
			return ret;
	}
	if (errors > 0)
		d->damaged++;
	return 0;
}
