/* jumps.h - tells of time stamps that jump: the first ones one by one. */
#ifndef ENGINE_JUMPS_H
#define ENGINE_JUMPS_H

#include <stdint.h>

struct jumps {
	unsigned n;
};

/* By so many samples, forward or back, at sample at. */
void jumps_tell(struct jumps *j, int64_t at, int64_t samples, int rate_hz);

/* At the end: those that have not been told. */
void jumps_tell_rest(const struct jumps *j);

#endif
