/* frames.h - where the frames of a codec begin and end, by their headers.
 *
 * For packets that hold several, of codecs whose decoders take one at a time,
 * and for those that a demuxer marks as damaged: there only a frame whose
 * length leads exactly to the next one is whole.  Pure: no libav.
 */
#ifndef ENGINE_FRAMES_H
#define ENGINE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frames_kind {
	FRAMES_UNKNOWN,
	FRAMES_AMR_NB,		/* begin with a byte that tells their length */
	FRAMES_AMR_WB,
	FRAMES_QCELP,
	FRAMES_EVRC,
	FRAMES_MPEG,		/* begin with a word to find them by */
	FRAMES_ADTS,
	FRAMES_LATM,
	FRAMES_AC3,		/* and E-AC-3 */
};

/* Bytes of a header that are enough to tell its frame's length. */
#define FRAMES_HEADER 7

/* Can they be found among other bytes? */
bool frames_have_sync(enum frames_kind kind);

/* The length in bytes of the frame that begins here, of which n bytes are
 * there; 0: none does, or it cannot be told. */
size_t frames_length(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* Is this frame of n bytes none of sound, but says that there is silence (AMR:
 * SID and no data)? */
bool frames_silent(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* Does a packet hold several frames and nothing else?  Then the length of the
 * first, else n. */
size_t frames_first(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* Bytes of one kind, but what follows its first frame, or begins at once, is of
 * another: which, and where; FRAMES_UNKNOWN: they are not. */
enum frames_kind frames_other(enum frames_kind kind, const uint8_t *bytes,
    size_t n, size_t *at);

/* A stretch of bytes of a kind that has sync. */
struct frames {
	enum frames_kind kind;
	const uint8_t *bytes;
	size_t n, at;
	bool leads_on;		/* a frame follows behind them */
	bool believes;		/* that what stands where a frame should, with
				 * nothing but frames before it, is one, though
				 * it leads to no other */
	bool led;		/* used by frames_next(); at first: a frame
				 * ends where they begin */
};

struct frames_piece {
	const uint8_t *bytes;
	size_t n;
	bool lost;		/* a frame that is not all there */
	bool believed;		/* one that leads to no other */
};

/* The next frame among them; false: there is no more. */
bool frames_next(struct frames *f, struct frames_piece *p);

#endif
