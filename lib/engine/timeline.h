/* timeline.h - where on the way each piece of sound belongs.
 *
 * The running clock counts samples, at the decoder's rate, that were put out.
 * A time stamp that disagrees with it by little is ignored (FLV and Matroska
 * have milliseconds only; following them would click).  One that says there
 * is a gap has it filled with silence, within bounds; one that cannot be
 * believed, or goes back, is forgiven: the sound goes on back to back and the
 * stamps count from there.  Pure logic: no libav in here.
 */
#ifndef ENGINE_TIMELINE_H
#define ENGINE_TIMELINE_H

#include <stdint.h>

#define TIMELINE_NO_STAMP INT64_MIN

struct timeline {
	int rate_hz;
	int64_t at;		/* the clock */
	int64_t filled;		/* of them silence */
	int64_t claim;		/* samples the container claims; -1: none */
	int64_t shift;		/* forgiven so far: stamps run ahead by this */
	int64_t last;		/* samples of the piece before */
};

enum timeline_step {
	TIMELINE_FOLLOWS,	/* back to back */
	TIMELINE_FILL,		/* after *samples of silence */
	TIMELINE_JUMP,		/* back to back, *samples (or minus) forgiven */
};

/* A piece of n samples comes, stamped (at rate_hz, 0 at the container's
 * start).  Moves the clock over silence, if any, and the piece. */
enum timeline_step timeline_place(struct timeline *t, int64_t stamp,
    int64_t n, int64_t *samples);

/* The sound goes on at another rate. */
void timeline_change_rate(struct timeline *t, int rate_hz);

#endif
