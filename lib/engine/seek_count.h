/* seek_count.h - seek to the wanted part where PTS do not count samples.
 *
 * If the index lists every packet, and all packets of the codec have the same
 * number of samples, the decisions of gaps.h can be computed without reading
 * the packets: for MP4 files that were joined, or written by a phone whose
 * clock and microphone disagree.
 */
#ifndef ENGINE_SEEK_COUNT_H
#define ENGINE_SEEK_COUNT_H

#include "engine/gaps.h"
#include "engine/jumps.h"
#include "engine/seek.h"

/* Called where seek_ahead() returned 0; returns the same.  g: the packets so
 * far, all decided; afterwards it is as if the skipped ones had been added.  j
 * gets what was found in those, which begin reached_s into the sound. */
int seek_count(struct seek *s, struct demux *d, double ahead_s,
    struct gaps *g, struct jumps *j, double reached_s);

#endif
