/* framing.h - the Layer III frames among the bytes of packets.
 *
 * A demuxer's packet should be one frame.  It may be several, or part of one,
 * or have bytes around them that are none: only what looks like a frame of the
 * stream's own kind, and ends where the packet does or another begins, is one.
 * Pure.
 */
#ifndef ENGINE_FRAMING_H
#define ENGINE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/frame.h"

/* Bytes without a frame in them, at the end of what there is, that may become
 * one with those of the next packet; more need not be kept. */
#define FRAMING_REST (12 * 1024)

struct framing {
	bool known;		/* there was a frame; of this kind: */
	int version, rate_hz, channels;
	bool junk;		/* something has been lost since it */
	int strangers;		/* frames of another kind, one after the
				 * other */
	int free_bytes;		/* of a frame without bitrate, unpadded; 0:
				 * there are none, or not yet */
	int free_tries;
	size_t edge;		/* behind the last frame, in these bytes */
};

enum framing_found {
	FRAMING_FRAME,
	FRAMING_END,		/* none is left in these bytes */
	FRAMING_CHANGED,	/* the stream goes on as one of another kind */
};

/* Bytes begin: what is left over from the edge on, then another packet. */
void framing_begin(struct framing *s);

/* The next frame among n bytes, of which those from fresh on are of the latest
 * packet.  *begin is where it stands, f->bitrate_kbps is 0 where it has no
 * bitrate of its own, *torn says that something was lost between it and the
 * one before. */
enum framing_found framing_next(struct framing *s, const uint8_t *bytes,
    size_t n, size_t fresh, size_t *begin, struct v2m_frame *f, bool *torn);

#endif
