/* How many samples are between two PTS. */
#include "engine/seek.c"

#include "tap.h"

static const struct seek mp3 = {
	.next_s = 1152.0 / 44100, .frame = 1152, .rate_hz = 44100,
	.tick_s = 0.001,
};

static int64_t
between(enum seek_kind kind, double stamp_s, int frame)
{
	struct seek s = mp3;

	s.kind = kind;
	return seek_samples(&s, stamp_s, frame);
}

static double
at(int frames)
{
	return frames * 1152.0 / 44100;
}

static void
samples(void)
{
	ok(between(SEEK_SAMPLES, at(101), 1152) == 115200, "to the sample");
	ok(between(SEEK_SAMPLES, at(101), 7) == 115200, "of any frame");
	ok(between(SEEK_SAMPLES, at(300001), 1152) == 345600000, "far away");
	ok(between(SEEK_SAMPLES, at(101) + 0.3 / 44100, 1152) == -1,
	    "between two samples");
}

static void
frames(void)
{
	for (int i = -1; i <= 1; i++)
		ok(between(SEEK_FRAMES, at(101) + i * 0.001, 1152) == 115200,
		    "a stamp that is up to 1 ms off");
	ok(between(SEEK_FRAMES, at(101) + 0.002, 1152) == -1,
	    "wanders from the frames");
	ok(between(SEEK_FRAMES, at(101), 576) == -1, "frames of two lengths");
	ok(between(SEEK_FRAMES, at(1) + 1, 60) == 44100,
	    "frames too short to be told apart");
}

static void
neither(void)
{
	ok(between(SEEK_STAMPS, at(1) + 0.5, 128) == 22050, "by the stamp");
	ok(between(SEEK_STAMPS, 0, 128) == -1, "a stamp of before");
	ok(between(SEEK_STAMPS, NAN, 128) == -1, "no stamp");
	ok(between(SEEK_STAMPS, 1e30, 128) == -1, "a stamp of no sense");
	ok(between(SEEK_NOT, at(101), 1152) == -1, "not at all");
}

int
main(void)
{
	samples();
	frames();
	neither();
	return tap_done();
}
