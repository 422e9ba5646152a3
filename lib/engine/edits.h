/* edits.h - the edit list (elst) of an MP4's or MOV's track (ISO/IEC 14496-12,
 * 8.6.6).
 *
 * libavformat handles three cases wrongly: an empty edit in the middle of a
 * list (it plays the media's start), a duration of 0, which means "to the end"
 * (it plays nothing), and an edit that ends within a packet (it plays the whole
 * packet).  For lists with several edits or such durations, libavformat is told
 * to ignore the edit list, and the functions here place each packet.  Other
 * lists are left to libavformat.  Does not use libav.
 */
#ifndef ENGINE_EDITS_H
#define ENGINE_EDITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/boxes.h"

#define EDITS_MOST 1024

struct edit {
	double start_s;		/* in the movie's time */
	int64_t from, to;	/* media time, in its timescale */
};

struct edits {
	int n;
	struct edit e[EDITS_MOST];
	double first_s;		/* where the track starts in the movie, */
	double end_s;		/* and where it ends; below 0: with the media */
	double unit_s;		/* one unit of the media's timescale */
	int64_t slack;		/* rounding error of durations, in media
				 * units */
	int at;			/* the current edit */
	bool ours;		/* libavformat cannot apply it */
};

/* Read the edit list of the track with this ID, in a file of `length` bytes.
 * e->n is 0 if there is none, or none that can be read. */
void edits_read(struct edits *e, uint32_t track, int64_t length,
    boxes_read_fn *read, void *arg);

struct edits_place {
	int64_t front, behind;	/* units left out at its start and end */
	double start_s;		/* start of what is left, in the movie's time */
	bool none;		/* all of it is left out */
	bool back;		/* the next edit begins earlier in the media: */
	int64_t back_to;	/* seek to there, or before */
};

/* Place the next packet, which begins at media time `from` and is n units long
 * (0: not known; then `front` may be more than it has).  Packets must come in
 * the media's order, except after a seek that `back` asked for. */
struct edits_place edits_place(struct edits *e, int64_t from, int64_t n);

/* Duration of the track in seconds with its edit list, for `media` units of
 * media; below 0: there is no edit list. */
double edits_length_s(const struct edits *e, int64_t media);

#endif
