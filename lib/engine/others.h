/* others.h - whether another track has sound where the chosen one has none.
 *
 * A second look at the file, which costs time; so it is taken only where the
 * chosen track was silent throughout.
 */
#ifndef ENGINE_OTHERS_H
#define ENGINE_OTHERS_H

#include <stdint.h>

#include "engine/input.h"

/* A sample louder than this, -80 dBFS, is sound. */
#define OTHERS_AUDIBLE 1e-4f

/* The number of a track beside those with the given indexes of which sound can
 * be heard; 0: there is none, or it could not be found out.  The input has to
 * be at its start and read by nobody else.  earned_us: sound that this process
 * has decoded before. */
int others_sounding(struct input *input, const char *hint, int chosen,
    int64_t earned_us);

#endif
