/* framing.h - the Layer III frames among a packet's bytes.
 *
 * A demuxer's packet should be one frame.  It may be several, or have bytes
 * around them that are none: only what looks like a frame of the stream's own
 * kind, and ends where the packet does or another begins, is one.  Pure.
 */
#ifndef HELPER_FRAMING_H
#define HELPER_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/frame.h"

struct framing {
	bool known;		/* there was a frame; of this kind: */
	int version, rate_hz, channels;
	bool junk;		/* bytes since it that are none */
	int strangers;		/* frames of another kind, one after the
				 * other */
	int free_bytes;		/* of a frame without bitrate, unpadded */
	int free_tries;
};

enum framing_found {
	FRAMING_FRAME,
	FRAMING_END,		/* none is left in the packet */
	FRAMING_CHANGED,	/* the stream goes on as one of another kind */
};

/* The next frame from *at on, which moves behind it.  *begin is where it
 * stands, f->bitrate_kbps is 0 where it has no bitrate of its own, *torn says
 * that something was lost between it and the one before. */
enum framing_found framing_next(struct framing *s, const uint8_t *bytes,
    size_t n, size_t *at, size_t *begin, struct v2m_frame *f, bool *torn);

#endif
