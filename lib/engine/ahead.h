/* ahead.h - request bytes of an MP4 before they are read, by its index.
 *
 * A conversion that jumps through an MP4 for its sound waits after each jump
 * until the bytes arrive.  The index tells where it jumps next, so that several
 * places can be requested together.
 */
#ifndef ENGINE_AHEAD_H
#define ENGINE_AHEAD_H

#include <libavformat/avformat.h>

#include "engine/input.h"

#define AHEAD_RUNS 32		/* runs requested ahead, at most */

/* State of the requests; zeroed at first.  A run is a row of index entries
 * whose bytes lie close together and are requested at once. */
struct ahead {
	int next;		/* first index entry not requested yet */
	int seen;		/* index entry of the last packet */
	int runs[AHEAD_RUNS];	/* first entry of each run requested */
	unsigned said;		/* runs requested since the last jump */
	bool cut;		/* the last run was ended for its size */
};

/* Call for each packet read from stream st: requests the bytes of the packets
 * that follow it (input_soon()).  dts is in st->time_base, which is also the
 * unit of an MP4's index; AV_NOPTS_VALUE: nothing is requested. */
void ahead_tell(struct ahead *a, struct input *in, AVStream *st, int64_t dts);

#endif
