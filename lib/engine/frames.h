/* frames.h - find the frames of a codec by their headers.
 *
 * For packets with several frames, where the decoder takes one at a time, and
 * for damaged packets: in those a frame is whole only if the next one begins
 * exactly where it ends.  Pure: does not use libav.
 */
#ifndef ENGINE_FRAMES_H
#define ENGINE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frames_kind {
	FRAMES_UNKNOWN,
	FRAMES_AMR_NB,		/* speech: the first byte tells the length */
	FRAMES_AMR_WB,
	FRAMES_QCELP,
	FRAMES_EVRC,
	FRAMES_MPEG,		/* with a sync word */
	FRAMES_ADTS,
	FRAMES_LATM,
	FRAMES_AC3,		/* and E-AC-3 */
};

/* Bytes needed to tell the length of a frame with a sync word. */
#define FRAMES_HEADER 7

/* Do frames of this kind have a sync word? */
bool frames_have_sync(enum frames_kind kind);

/* Length in bytes of the frame that begins here, from its header, of which n
 * bytes are there; 0: not a frame, or not known. */
size_t frames_length(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* Does this frame of n bytes hold no speech but silence (AMR: SID, no data)? */
bool frames_silent(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* If a packet of n bytes has several frames, and nothing else: the length of
 * the first one; else n.  Only for kinds without a sync word. */
size_t frames_first(enum frames_kind kind, const uint8_t *bytes, size_t n);

/* Do frames of another kind begin among these bytes of `kind`, at once or after
 * the first frame?  Returns that kind, and its offset in *at; else
 * FRAMES_UNKNOWN. */
enum frames_kind frames_other(enum frames_kind kind, const uint8_t *bytes,
    size_t n, size_t *at);

/* Bytes with frames of a kind with a sync word; set all but at and led. */
struct frames {
	enum frames_kind kind;
	const uint8_t *bytes;
	size_t n, at;
	bool leads_on;		/* a frame follows them */
	bool believes;		/* accept a header right behind a frame even if
				 * no frame follows it */
	bool led;		/* for frames_next(); at first: a frame ends
				 * where these bytes begin */
};

struct frames_piece {
	const uint8_t *bytes;
	size_t n;
	bool lost;		/* an incomplete frame */
	bool believed;		/* accepted though no frame follows it */
};

/* The next frame, or the bytes of a lost one.  false: there is no more. */
bool frames_next(struct frames *f, struct frames_piece *p);

#endif
