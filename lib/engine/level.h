/* level.h - the samples that an encoder can be given.
 *
 * LAME calls abort() on what is not a number and on what is far too loud.
 */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include <math.h>

#define LEVEL_MOST 4.0f		/* times full scale */

/* v where it is at most so high, else the nearest that is, or silence. */
static inline float
level_safe(float v, float most)
{
	if (fabsf(v) <= most)
		return v;
	return isfinite(v) ? copysignf(most, v) : 0;
}

/* The highest of n samples, each made safe as above; their sign left out. */
float level_peak(const float *v, int n, float most);

#endif
