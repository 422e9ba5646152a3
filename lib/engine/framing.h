/* framing.h - find the Layer III frames among the bytes of packets.
 *
 * A demuxer's packet should be one frame.  It may be several, or a part of one,
 * or have other bytes around them.  A frame is accepted if it has the stream's
 * version, sample rate and channels, and ends where the packet ends or another
 * frame begins.  Pure.
 */
#ifndef ENGINE_FRAMING_H
#define ENGINE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/frame.h"

/* The caller keeps up to so many bytes behind the last frame: they may become a
 * frame with those of the next packet. */
#define FRAMING_REST (12 * 1024)

struct framing {
	bool known;		/* a frame has been found, with these: */
	int version, rate_hz, channels;
	bool junk;		/* bytes were lost since that frame */
	int strangers;		/* consecutive frames of another kind */
	int free_bytes;		/* free format: bytes of a frame without
				 * padding; 0: not known, or not free format */
	int free_tries;
	size_t edge;		/* end of the last frame in these bytes */
};

enum framing_found {
	FRAMING_FRAME,
	FRAMING_END,		/* no more frames in these bytes */
	FRAMING_CHANGED,	/* the stream is of another kind now */
};

/* Begin with new bytes: the rest behind the last edge, then another packet. */
void framing_begin(struct framing *s);

/* Find the next frame among n bytes, of which those from `fresh` on are of the
 * latest packet.  *begin: where it is; f->bitrate_kbps is 0 in free format.
 * *torn: bytes were lost between it and the frame before. */
enum framing_found framing_next(struct framing *s, const uint8_t *bytes,
    size_t n, size_t fresh, size_t *begin, struct v2m_frame *f, bool *torn);

#endif
