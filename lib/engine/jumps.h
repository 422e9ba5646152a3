/* jumps.h - what is to be told of the sound's time line: where stamps jump,
 * the first ones one by one, and silence that was put in or left out. */
#ifndef ENGINE_JUMPS_H
#define ENGINE_JUMPS_H

#include <stdint.h>

#include "engine/timeline.h"

#define JUMPS_TOLD 6		/* one by one; the rest in one line */

struct jumps {
	unsigned n;
	bool forward;		/* sound may be missing there */
	struct {
		double by_s, at_s;
	} first[JUMPS_TOLD];
	unsigned links;		/* of a chained Ogg: back with a new one, */
	double link_s;		/* first here */
};

/* What a step says, at_s on the way. */
void jumps_note(struct jumps *j, const struct gaps_step *step, double at_s);

/* At the end, when it is certain that all of this was done. */
void jumps_tell(const struct jumps *j, const struct timeline *t);

#endif
