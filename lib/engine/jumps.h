/* jumps.h - collect what the user is told about the PTS: jumps, the first ones
 * one by one, and silence that was inserted or left out. */
#ifndef ENGINE_JUMPS_H
#define ENGINE_JUMPS_H

#include <stdint.h>

#include "engine/timeline.h"

#define JUMPS_TOLD 6		/* reported one by one; the rest is counted */

struct jumps {
	unsigned n;
	bool forward;		/* one was forward: sound may be missing */
	struct {
		double by_s, at_s;
	} first[JUMPS_TOLD];
	unsigned links;		/* jumps back at links of a chained Ogg, */
	double link_s;		/* the first of them at */
};

/* Note what was found before a packet, at_s seconds into the sound. */
void jumps_note(struct jumps *j, const struct gaps_step *step, double at_s);

/* Report all of it, at the end of a pass that is not repeated. */
void jumps_tell(const struct jumps *j, const struct timeline *t);

#endif
