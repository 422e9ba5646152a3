/* level.h - make samples safe for LAME, which calls abort() on NaN, infinity
 * and samples that are far too loud.
 */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include <math.h>

#define LEVEL_MOST 4.0f		/* factor of full scale */

/* v limited to -most...most; 0 if it is not finite. */
static inline float
level_safe(float v, float most)
{
	if (fabsf(v) <= most)
		return v;
	return isfinite(v) ? copysignf(most, v) : 0;
}

/* The highest absolute value of n samples, each made safe as above. */
float level_peak(const float *v, int n, float most);

#endif
