/* Selecting a part of the sound. */
#include "engine/cut.c"

#include "tap.h"

/* Take blocks of n samples, `all` in all: how many were wanted, from which
 * on? */
static int64_t
taken(int from_ms, int to_ms, int n, int64_t all, int64_t *first_of_all)
{
	struct cut c;
	int64_t sum = 0;
	int first, count;

	cut_init(&c, 44100, from_ms, to_ms);
	*first_of_all = -1;
	for (int64_t at = 0; at < all; at += n) {
		cut_take(&c, n, &first, &count);
		if (count > 0 && *first_of_all < 0)
			*first_of_all = at + first;
		if (count < 0 || first < 0 || first + count > n)
			return -1;
		sum += count;
	}
	return sum;
}

static void
cuts(void)
{
	static const int blocks[] = { 1, 7, 441, 1000, 44100 };
	struct cut c;
	int64_t first;
	bool good = true;

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		good &= taken(500, 1500, blocks[i], 88200, &first) == 44100 &&
		    first == 22050;
	ok(good, "a second, whatever the blocks");
	ok(taken(0, 0, 441, 88200, &first) == 88200 && first == 0,
	    "without bounds all of it");
	ok(taken(0, 1, 441, 88200, &first) == 44 && first == 0,
	    "a millisecond");
	ok(taken(3000, 0, 441, 88200, &first) == 0 && first == -1,
	    "behind the end");
	ok(taken(1999, 9000, 441, 88200, &first) == 88200 - 88156 &&
	    first == 88156, "up to the end and beyond");
	cut_init(&c, 48000, 1000, 2000);
	ok(cut_within(&c, 0, 48000) == 0, "of what ends where it begins none");
	ok(cut_within(&c, 0, 48001) == 1, "one sample later one");
	ok(cut_within(&c, 60000, 100) == 100, "of what is in it all");
	ok(cut_within(&c, 95999, 100) == 1, "of its last sample on one");
	ok(cut_within(&c, 96000, 1) == 0, "of what is behind it none");
	c.at = 95999;
	ok(!cut_over(&c), "one sample is missing");
	c.at++;
	ok(cut_over(&c), "and now all are there");
}

int
main(void)
{
	cuts();
	return tap_done();
}
