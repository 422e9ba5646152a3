#include "engine/level.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 64		/* samples */

static float
peak_each(const float *v, int n, float most)
{
	float peak = 0;

	for (int i = 0; i < n; i++)
		peak = fmaxf(peak, fabsf(level_safe(v[i], most)));
	return peak;
}

/* Without their sign, floats compare as integers do, with NaN above all
 * numbers. */
static float
peak_block(const float *v, float most)
{
	int32_t bits[BLOCK], high = 0;
	float peak;

	memcpy(bits, v, sizeof bits);
	for (int i = 0; i < BLOCK; i++) {
		int32_t b = bits[i] & INT32_MAX;

		high = b > high ? b : high;
	}
	memcpy(&peak, &high, sizeof peak);
	return peak <= most ? peak : peak_each(v, BLOCK, most);
}

float
level_peak(const float *v, int n, float most)
{
	float peak = 0;

	for (; n >= BLOCK; n -= BLOCK, v += BLOCK)
		peak = fmaxf(peak, peak_block(v, most));
	return fmaxf(peak, peak_each(v, n, most));
}
