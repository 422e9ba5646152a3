/* seek_count.h - leaving out what comes before the part that is wanted, where
 * stamps do not tell how much that is.
 *
 * An index that names each packet, of a codec whose packets all hold as many
 * samples, tells what gaps.h makes of them without reading one: MP4 files that
 * were joined, or written by a phone whose clock and microphone disagree.
 */
#ifndef ENGINE_SEEK_COUNT_H
#define ENGINE_SEEK_COUNT_H

#include "engine/gaps.h"
#include "engine/jumps.h"
#include "engine/seek.h"

/* As seek_ahead(), which did nothing.  g: what came so far, all of it decided;
 * it goes on as if all that is left out had come, and j is told of what is in
 * there, behind what has reached_s. */
int seek_count(struct seek *s, struct demux *d, double ahead_s,
    struct gaps *g, struct jumps *j, double reached_s);

#endif
