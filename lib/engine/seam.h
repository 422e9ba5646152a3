/* seam.h - join the frames of one segment to those of the next.
 *
 * Two LAMEs that have encoded the same samples for long enough produce the same
 * frames.  So the next segment begins with frames from before the seam, which
 * are compared with those of the segment before: where they agree, the next
 * segment takes over, and nothing can be heard.  Where they do not, the segment
 * before continues over the seam until they do.  The result depends on the
 * samples alone.
 */
#ifndef ENGINE_SEAM_H
#define ENGINE_SEAM_H

#include "engine/segment.h"

/* Frames that a segment encodes before its seam.  With a variable bitrate most
 * seams agree after 12 frames, nine of ten after 24; with a constant one, where
 * the reservoir must reach the same level, half of them after 50.  The latter
 * must be a multiple of 49, as LAME's padding at 44.1 kHz repeats after 49
 * frames. */
#define SEAM_WARM_VARIABLE 24
#define SEAM_WARM_CONSTANT 49
/* Frames that the segment before may continue over a seam; the samples of as
 * many frames after the seam must be kept. */
#define SEAM_REACH 196

/* Settle the seam between a, which has all samples up to it, and b, which is
 * complete; head holds b's samples from the seam on.  *at becomes the first
 * frame to take from b.  a is finished then.  Errors of segment_feed() and
 * segment_finish(). */
int seam_settle(struct segment *a, const struct segment *b,
    const struct chunks *head, int64_t *at, struct v2m_err *err);

/* b is too short to be a segment: let a encode up to the end of the sound, all
 * of which is in head.  Errors as seam_settle(). */
int seam_absorb(struct segment *a, const struct chunks *head,
    struct v2m_err *err);

#endif
