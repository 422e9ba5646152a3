/* others.h - find whether another track has sound where the chosen one has
 * none.
 *
 * That reads the file once more, so it is done only if the chosen track was
 * silent to its end.
 */
#ifndef ENGINE_OTHERS_H
#define ENGINE_OTHERS_H

#include <stdint.h>

#include "engine/input.h"

/* A sample above this, -80 dBFS, is sound. */
#define OTHERS_AUDIBLE 1e-4f

/* The number (tracks_number()) of another track than stream `chosen` in which
 * sound can be heard; 0: there is none, or it could not be found out.  The
 * input must be at its start, and nothing else may read it.  earned_us:
 * duration of the sound that this process has decoded before, for
 * sandbox_earn(). */
int others_sounding(struct input *input, const char *hint, int chosen,
    int64_t earned_us);

#endif
