/* decode.h - decode packets to frames of samples. */
#ifndef ENGINE_DECODE_H
#define ENGINE_DECODE_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct decoder {
	AVCodecContext *ctx;
	AVFrame *frame;
	int64_t packets, damaged;
	int64_t skip;		/* samples still to be skipped */
	bool failed;		/* the last packet could not be decoded */
};

/* Gets each decoded frame; may take its reference.  Priming and padding samples
 * of the encoder are removed already, so it may be empty.  whole: its samples
 * before that, but without those that an edit list leaves out.  Returns 0; 1:
 * no more is wanted; -1 with err ends the job. */
typedef int decode_frame(void *arg, AVFrame *frame, int64_t whole,
    struct v2m_err *err);

int decode_open(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err);
void decode_close(struct decoder *d);

/* The sound continues in another stream: open its decoder.  Errors as
 * decode_open(). */
int decode_move(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err);

/* The same if only the codec is known. */
int decode_move_codec(struct decoder *d, enum AVCodecID id,
    struct v2m_err *err);

/* Take a packet with a codec header (Opus, Vorbis, FLAC), with which a link of
 * a chained Ogg begins.  Errors as decode_open(). */
int decode_header(struct decoder *d, const AVStream *st, const AVPacket *pkt,
    struct v2m_err *err);

/* Fill side data of type AV_PKT_DATA_SKIP_SAMPLES, DECODE_CUT_SIZE bytes: an
 * edit list leaves out so many samples at the packet's start and end. */
#define DECODE_CUT_SIZE 10
void decode_cut(uint8_t *side, int64_t front, int64_t behind);

/* After a seek: forget the state of the sound before it. */
void decode_leap(struct decoder *d);

/* Decode a packet, or NULL for what is left at the end.  A packet that cannot
 * be decoded is counted and sets d->failed.  Returns 0, what fn returned, or -1
 * with V2M_TEMP. */
int decode_packet(struct decoder *d, const AVPacket *pkt, decode_frame *fn,
    void *arg, struct v2m_err *err);

/* Count a packet that is known to be damaged, without decoding it. */
void decode_lost(struct decoder *d);

#endif
