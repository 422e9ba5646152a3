/* seam.h - where one segment ends and the next goes on.
 *
 * Two LAMEs that have heard the same for long enough make the same frames.
 * So the next segment's frames before the seam are held against those of the
 * segment before: where they agree, the one can take over from the other and
 * it is not known.  Where they do not, the segment before goes on over the
 * seam until they do.  What comes out depends on the samples alone.
 */
#ifndef ENGINE_SEAM_H
#define ENGINE_SEAM_H

#include "engine/segment.h"

/* Frames a LAME hears first.  With a variable bitrate most seams agree
 * after 12, nine of ten after 24; with a constant one, where the reservoir has
 * to come to the same level, half after 50.  The latter must be a multiple of
 * 49, for LAME's padding repeats after so many frames at 44.1 kHz. */
#define SEAM_WARM_VARIABLE 24
#define SEAM_WARM_CONSTANT 49
/* How far over a seam the segment before may go on.  As many frames' samples
 * at the head of the one behind must be kept. */
#define SEAM_REACH 196

/* Settle the seam between a, which has all samples up to it, and b, which is
 * complete; head are b's samples from the seam on.  *at becomes the first
 * frame to take from b; a, which is finished, has all before it. */
int seam_settle(struct segment *a, const struct segment *b,
    const struct chunks *head, int64_t *at, struct v2m_err *err);

/* b turned out too short to be a segment: let a go on to the end of the
 * sound, which head holds whole. */
int seam_absorb(struct segment *a, const struct chunks *head,
    struct v2m_err *err);

#endif
