/* seek.h - seek to the part of the sound that is wanted.
 *
 * The start of the sound is always decoded, as it tells where the first sample
 * is; from there the demuxer may go on at a later packet.  The number of
 * samples between is computed from PTS, where these are reliable.  The seek
 * leads to some time before the wanted part, so that decoders yield exactly the
 * samples that they would have yielded without it.
 */
#ifndef ENGINE_SEEK_H
#define ENGINE_SEEK_H

#include <stdint.h>

#include "engine/demux.h"

enum seek_kind {
	SEEK_NOT,	/* PTS and samples do not agree: do not seek */
	SEEK_SAMPLES,	/* PTS count samples exactly */
	SEEK_FRAMES,	/* PTS are rounded: they count whole frames */
	SEEK_STAMPS,	/* frames differ in length: as exact as PTS are */
	SEEK_COUNTED,	/* seek_count.h */
};

/* A seek skips a multiple of so many frames: decoders repeat the noise of SBR
 * after 512 lines, so that it begins anew with a frame. */
#define SEEK_ROUND 16

struct seek {
	enum seek_kind kind;
	double next_s;		/* where the last packet before the seek
				 * ended, */
	int frame;		/* and its samples, */
	int rate_hz;		/* at this rate */
	double from_s;		/* packets before this time are skipped */
	double run_up_s;	/* duration decoded before the wanted part */
	double tick_s;		/* unit of the PTS */
	double landing_s;	/* SEEK_COUNTED: PTS of the packet after the
				 * seek, */
	int64_t counted;	/* and samples between; -1: not known */
};

/* Seek so that decoding begins run_up_s before the wanted part, which begins
 * ahead_s after s->next_s.  The caller sets next_s, frame and rate_hz.  1: the
 * next packet is from there, or from an unknown place; 0: no seek was done.
 * Times are seconds after time 0. */
int seek_ahead(struct seek *s, struct demux *d, double ahead_s);

/* How many samples were skipped, if the first packet after the seek has this
 * PTS and decodes to so many samples?  -1: not known.  Pure. */
int64_t seek_samples(const struct seek *s, double stamp_s, int frame);

#endif
