/* waiting.h - a queue of decoded sound whose place in time is not known yet,
 * packet by packet. */
#ifndef ENGINE_WAITING_H
#define ENGINE_WAITING_H

#include <libavutil/frame.h>
#include <stdint.h>

#include "base/err.h"

struct waiting_piece {
	AVFrame *frame;		/* empty if the piece is silence, */
	int64_t silence;	/* of this many samples */
	int rate_hz;
	int64_t packet;		/* number of its packet */
};

struct waiting {
	struct waiting_piece *ring;	/* frames are reused */
	uint32_t room, first, n;
	int64_t samples;	/* samples of all frames, without silence */
};

void waiting_release(struct waiting *w);

/* Add a frame (its reference is moved), or silence.  V2M_TEMP. */
int waiting_frame(struct waiting *w, AVFrame *frame, int64_t packet,
    struct v2m_err *err);
int waiting_silence(struct waiting *w, int64_t samples, int rate_hz,
    int64_t packet, struct v2m_err *err);

/* The oldest piece, if it is of this packet; else NULL. */
struct waiting_piece *waiting_first(struct waiting *w, int64_t packet);
void waiting_drop_first(struct waiting *w);

#endif
