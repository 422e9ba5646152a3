/* waiting.h - decoded sound that waits until its place in time is known, packet
 * by packet.  First in, first out. */
#ifndef ENGINE_WAITING_H
#define ENGINE_WAITING_H

#include <libavutil/frame.h>
#include <stdint.h>

#include "base/err.h"

struct waiting_piece {
	AVFrame *frame;		/* holds nothing where it is silence, */
	int64_t silence;	/* so many samples of it */
	int rate_hz;
	int64_t packet;		/* the number of the one it came from */
};

struct waiting {
	struct waiting_piece *ring;	/* their frames are used again */
	uint32_t room, first, n;
	int64_t samples;	/* of all that wait */
};

void waiting_release(struct waiting *w);

/* Takes over what the frame holds. */
int waiting_frame(struct waiting *w, AVFrame *frame, int64_t packet,
    struct v2m_err *err);
int waiting_silence(struct waiting *w, int64_t samples, int rate_hz,
    int64_t packet, struct v2m_err *err);

/* The oldest piece, if it is of that packet; else NULL. */
struct waiting_piece *waiting_first(struct waiting *w, int64_t packet);
void waiting_drop_first(struct waiting *w);

#endif
