/* cut.h - select the wanted part of the sound, to the sample.
 *
 * Samples of the whole sound are counted after the resampler, so that a part
 * has exactly the samples that the whole has there.  What comes before is
 * decoded and dropped, which is twenty times faster than encoding it, or
 * skipped by a seek (seek.h).  Pure logic.
 */
#ifndef ENGINE_CUT_H
#define ENGINE_CUT_H

#include <stdbool.h>
#include <stdint.h>

struct cut {
	int64_t from, to;	/* wanted: from <= sample < to */
	int64_t at;		/* samples so far */
};

/* Times are ms after time 0; to_ms 0: to the end. */
void cut_init(struct cut *c, int rate_hz, int64_t from_ms, int64_t to_ms);

/* n samples come: *count of them are wanted, from the sample *first on. */
void cut_take(struct cut *c, int n, int *first, int *count);

/* The next sample is number `at` of the whole. */
void cut_pass(struct cut *c, int64_t at);

/* Have all wanted samples come? */
bool cut_over(const struct cut *c);

/* How many of the n samples from `at` on are wanted? */
int64_t cut_within(const struct cut *c, int64_t at, int64_t n);

#endif
