/* cut.h - the part of the sound that is wanted, to the sample.
 *
 * Counted are the samples of the whole as they come out of the resampler, so
 * that a part has the very samples that the whole has there.  What lies before
 * is decoded and dropped, which is twenty times faster than encoding it, or
 * left out (seek.h).  Pure logic.
 */
#ifndef ENGINE_CUT_H
#define ENGINE_CUT_H

#include <stdbool.h>
#include <stdint.h>

struct cut {
	int64_t from, to;	/* wanted: from <= sample < to */
	int64_t at;		/* how many have come */
};

/* to_ms 0: up to the end. */
void cut_init(struct cut *c, int rate_hz, int64_t from_ms, int64_t to_ms);

/* n samples come: *count of them are wanted, from the *first on. */
void cut_take(struct cut *c, int n, int *first, int *count);

/* What comes next is sample `at`. */
void cut_pass(struct cut *c, int64_t at);

/* Have all that are wanted come? */
bool cut_over(const struct cut *c);

/* How many of the n samples from `at` on are wanted? */
int64_t cut_within(const struct cut *c, int64_t at, int64_t n);

#endif
