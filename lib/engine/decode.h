/* decode.h - packets in, frames of samples out. */
#ifndef ENGINE_DECODE_H
#define ENGINE_DECODE_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdint.h>

#include "base/err.h"

struct decoder {
	AVCodecContext *ctx;
	AVFrame *frame;
	int64_t packets, damaged;
};

/* Gets each frame as it comes; may take what it holds.  -1 ends the job; 1 says that no
 * more is wanted. */
typedef int decode_frame(void *arg, AVFrame *frame, struct v2m_err *err);

int decode_open(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err);
void decode_close(struct decoder *d);

/* A packet, or NULL at the end.  A damaged one is counted and skipped.
 * 0, or what fn returned. */
int decode_packet(struct decoder *d, const AVPacket *pkt, decode_frame *fn,
    void *arg, struct v2m_err *err);

#endif
