/* seek.h - leaving out what comes before the part that is wanted.
 *
 * The start of the sound is always decoded, which tells where its first sample
 * stands; from there the demuxer may go on at a later packet.  How many samples
 * lie between is told by the stamps, where these can be relied on.  The place
 * comes before the wanted part by as much as decoders need to give what they
 * would have given, had they heard all.
 */
#ifndef ENGINE_SEEK_H
#define ENGINE_SEEK_H

#include <stdint.h>

#include "engine/demux.h"

enum seek_kind {
	SEEK_NOT,	/* stamps and samples are known to wander */
	SEEK_SAMPLES,	/* stamps count samples */
	SEEK_FRAMES,	/* so roughly that only frames can be counted by them */
	SEEK_STAMPS,	/* frames differ in length: as good as stamps are */
	SEEK_COUNTED,	/* stamps name packets, which are counted */
};

/* Frames: so often the noise of SBR, of which a decoder keeps the place and
 * which repeats after 512 lines, begins anew with a frame. */
#define SEEK_ROUND 16

struct seek {
	enum seek_kind kind;
	double next_s;		/* the stamp of the packet that came next, */
	int frame;		/* the one before it had so many samples, */
	int rate_hz;		/* at this rate */
	double from_s;		/* packets before this are of no use */
	double run_up_s;	/* what is decoded before the wanted part */
	double tick_s;		/* stamps are whole ones of these */
	double landing_s;	/* counted: the stamp that it goes on with, */
	int64_t counted;	/* samples before that; -1 */
};

/* Go on where the wanted part begins, ahead_s behind s->next_s, less the
 * run-up.  s has next_s, frame and rate_hz; the rest is filled in.
 * 1: what the demuxer gives next is from there, or from anywhere else;
 * 0: nothing was done. */
int seek_ahead(struct seek *s, struct demux *d, double ahead_s);

/* So many samples lie between the place that was left and a packet with this
 * stamp, in a frame of so many; -1: that cannot be told.  Pure. */
int64_t seek_samples(const struct seek *s, double stamp_s, int frame);

#endif
