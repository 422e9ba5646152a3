/* level.h - the samples that an encoder can be given.
 *
 * LAME calls abort() on what is no number and on what is far too loud.
 */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include <math.h>

#define LEVEL_MOST 4.0f		/* times full scale */

/* v where it is fine, else the nearest that is, or silence. */
static inline float
level_safe(float v)
{
	if (fabsf(v) <= LEVEL_MOST)
		return v;
	return isfinite(v) ? copysignf(LEVEL_MOST, v) : 0;
}

#endif
