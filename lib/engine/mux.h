/* mux.h - MP3 frames into a file: ID3v2 and Xing/LAME tag in front.
 *
 * libavformat's mp3 muxer on a descriptor that can seek.  Frames go in one by
 * one; the last two are held back until it is known that they are the last:
 * one of them carries how many of its samples are none, and where that would
 * be all of them it is left out (decoders stumble over it).
 */
#ifndef ENGINE_MUX_H
#define ENGINE_MUX_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "base/err.h"
#include "media/frame.h"
#include "engine/front.h"

struct mux {
	int fd;
	int64_t at, bytes;	/* where it writes, how long the file is */
	int write_errno;
	int samples_per_frame;
	int delay;		/* of encoder and decoder together */
	int64_t frames;		/* held back or written */
	AVFormatContext *fmt;
	AVPacket *held[2];	/* the older first */
	int nheld;
};

/* delay is what precedes the first sample of the source
 * when the MP3 is decoded. */
int mux_open(struct mux *m, int fd, int rate_hz, int channels, int delay,
    const struct front *front, struct v2m_err *err);
void mux_close(struct mux *m);

int mux_frame(struct mux *m, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err);

/* The source had so many samples. */
int mux_finish(struct mux *m, int64_t samples, struct v2m_err *err);

#endif
