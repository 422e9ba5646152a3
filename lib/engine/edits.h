/* edits.h - the edit list of an MP4's or MOV's track.
 *
 * libavformat plays the media's start where a list has a hole in its middle,
 * nothing where a duration is 0, which means all the rest, and of a packet in
 * which a piece ends all.  For lists of several pieces and such durations it is
 * told to ignore them, and this puts each packet in its place.  Others are left
 * to it.  No libav in here.
 */
#ifndef ENGINE_EDITS_H
#define ENGINE_EDITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/boxes.h"

#define EDITS_MOST 1024

struct edit {
	double start_s;		/* on the film's time */
	int64_t from, to;	/* of the media, in its units */
};

struct edits {
	int n;
	struct edit e[EDITS_MOST];
	double first_s;		/* where the track begins, */
	double end_s;		/* and where it ends; below 0: all the rest */
	double unit_s;		/* of the media's time */
	int64_t slack;		/* rounding of its units in the media's */
	int at;			/* the piece that is being played */
	bool ours;		/* it takes us to play it */
};

/* The list of the track with this ID, in a file of so many bytes; e->n is 0
 * where there is none, or none that can be read. */
void edits_read(struct edits *e, uint32_t track, int64_t length,
    boxes_read_fn *read, void *arg);

struct edits_place {
	int64_t front, behind;	/* units at its ends that are left out */
	double start_s;		/* where what is left begins, in the film */
	bool none;		/* all of it is */
	bool back;		/* the next piece begins before its end: */
	int64_t back_to;	/* on from there, or from before it */
};

/* A packet of the media's time from `from` on, n units long; n may be 0 where
 * that is not known, and then front may be more than it has.  Packets come in
 * the media's order, but for going back. */
struct edits_place edits_place(struct edits *e, int64_t from, int64_t n);

/* How long the track is with them, of so many units of media; below 0: there
 * are none. */
double edits_length_s(const struct edits *e, int64_t media);

#endif
