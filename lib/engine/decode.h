/* decode.h - packets in, frames of samples out. */
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
	int64_t skip;		/* samples still to be cut */
	bool failed;		/* the packet was damaged */
};

/* Gets each frame as it comes; may take what it holds.  What encoders put in
 * front and behind to fill their frames is cut from it, maybe to nothing; whole
 * is how many samples it had, without those that an edit list leaves out.
 * -1 ends the job; 1 says that no more is wanted. */
typedef int decode_frame(void *arg, AVFrame *frame, int64_t whole,
    struct v2m_err *err);

int decode_open(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err);
void decode_close(struct decoder *d);

/* The sound goes on in another stream. */
int decode_move(struct decoder *d, const AVStream *st, const AVCodec *codec,
    struct v2m_err *err);

/* The same where nothing is known but the codec. */
int decode_move_codec(struct decoder *d, enum AVCodecID id,
    struct v2m_err *err);

/* A packet that is a header: the sound goes on as it says. */
int decode_header(struct decoder *d, const AVStream *st, const AVPacket *pkt,
    struct v2m_err *err);

/* Side data of a packet (AV_PKT_DATA_SKIP_SAMPLES, so many bytes): that so many
 * samples at its ends are left out by an edit list. */
#define DECODE_CUT_SIZE 10
void decode_cut(uint8_t *side, int64_t front, int64_t behind);

/* What comes next is from elsewhere in the same sound. */
void decode_leap(struct decoder *d);

/* A packet, or NULL at the end.  One that cannot be decoded is counted and
 * skipped, which d->failed tells of.  0, or what fn returned. */
int decode_packet(struct decoder *d, const AVPacket *pkt, decode_frame *fn,
    void *arg, struct v2m_err *err);

/* The same with one of which it is known before that it cannot be. */
void decode_lost(struct decoder *d);

#endif
