/* ahead.h - say what will be read soon, where the container has an index.
 *
 * A conversion that jumps through an MP4 for its sound waits after each jump
 * until the bytes arrive.  The index tells where it jumps next, so that several
 * places can be requested together.
 */
#ifndef ENGINE_AHEAD_H
#define ENGINE_AHEAD_H

#include <libavformat/avformat.h>

#include "engine/input.h"

#define AHEAD_RUNS 32		/* places that are under way */

/* Zeroed: nothing was said. */
struct ahead {
	int next;		/* entry of the index, not said yet */
	int seen;		/* that of the last packet */
	int runs[AHEAD_RUNS];	/* where each that was said begins */
	unsigned said;		/* their number, ever */
	bool cut;		/* the last goes on in the next */
};

/* A packet of this stream of an MP4 has been read: there, index and dts have
 * one unit. */
void ahead_tell(struct ahead *a, struct input *in, AVStream *st, int64_t dts);

#endif
