/* mux.h - write MP3 frames to a file, with ID3v2 and a Xing/LAME tag in front.
 *
 * Uses libavformat's mp3 muxer on a seekable descriptor.  The last two frames
 * are held back until the end is known: one of them carries the number of
 * padding samples, and if a whole frame would be padding it is left out, as
 * some decoders cannot deal with that.
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
	int64_t at, bytes;	/* write position; length of the file */
	int write_errno;
	int samples_per_frame;
	int delay;		/* of encoder and decoder, in samples */
	int64_t frames;		/* written or held back */
	AVFormatContext *fmt;
	AVPacket *held[2];	/* the older one first */
	int nheld;
};

/* Begin the MP3 on fd, which is not closed.  delay: samples before the first
 * one of the source when the MP3 is decoded.  *m needs no setup, and needs
 * mux_close() whatever is returned.  V2M_TEMP: out of memory; V2M_IO: fd cannot
 * be written; V2M_BUG: libavformat refuses.  The other functions fail alike. */
int mux_open(struct mux *m, int fd, int rate_hz, int channels, int delay,
    const struct front *front, struct v2m_err *err);
void mux_close(struct mux *m);

int mux_frame(struct mux *m, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err);

/* Complete the file: the source had `samples` samples.  Cuts off what fd has
 * behind its end.  V2M_BUG also if that is more than the frames hold. */
int mux_finish(struct mux *m, int64_t samples, struct v2m_err *err);

#endif
