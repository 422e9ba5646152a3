/* Loudness as the engine measures it, compared with libebur128 in one block. */
#include "engine/pool.h"
#include "engine/level.h"
#include "engine/loudness.h"

#include <ebur128.h>
#include <math.h>
#include <stdio.h>

#include "tap.h"

/* Sizes in loudness.c, at which its blocks and pieces meet. */
#define BLOCK 16384
#define PIECE 256
#define LEAD 12

#define SAMPLES_MOST (20 * 48000)

static float left[SAMPLES_MOST], right[SAMPLES_MOST];
static float both[2 * SAMPLES_MOST];

static float
noise(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return (float)(state >> 8) / 8388608 - 1;
}

/* Tones of changing level over noise, and some bursts. */
static void
make_sound(int n)
{
	for (int i = 0; i < n; i++) {
		float loud = i / 30000 % 5 == 3 ? 0.9f : 0.1f;

		left[i] = loud * sinf((float)(i % 44100) * 0.06f) +
		    0.02f * noise();
		right[i] = i % 70000 < 40 ? noise() : 0.3f * left[i];
	}
}

/* Measure everything at once, in one state. */
static struct loudness_measured
in_one_piece(int rate_hz, int channels, int n)
{
	ebur128_state *st = ebur128_init((unsigned)channels,
	    (unsigned long)rate_hz, EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM |
	    EBUR128_MODE_TRUE_PEAK);
	struct loudness_measured m = { .samples = n };
	double most = 0, peak;

	for (int i = 0; i < n; i++)
		for (int c = 0; c < channels; c++)
			both[i * channels + c] = c == 0 ? left[i] : right[i];
	ebur128_add_frames_float(st, both, (size_t)n);
	ebur128_loudness_global(st, &m.lufs);
	for (int c = 0; c < channels; c++) {
		ebur128_true_peak(st, (unsigned)c, &peak);
		most = peak > most ? peak : most;
	}
	m.peak_dbtp = most > 0 ? 20 * log10(most) : -HUGE_VAL;
	ebur128_destroy(&st);
	return m;
}

static bool
measure(int threads, int rate_hz, int channels, int n,
    struct loudness_measured *m)
{
	struct pool pool;
	struct loudness *l;
	bool fine = true;

	pool_open(&pool, threads);
	l = loudness_new(rate_hz, channels, LEVEL_MOST, &pool, NULL);
	for (int at = 0, part; at < n && fine; at += part) {
		const float *planes[2] = { left + at, right + at };

		part = 1 + at % 5000;
		part = n - at < part ? n - at : part;
		fine = loudness_samples(l, planes, part, NULL) == 0;
	}
	fine = fine && loudness_finish(l, m, NULL) == 0;
	loudness_free(l);
	pool_close(&pool);
	return fine;
}

static void
test_same(int rate_hz, int channels, int n)
{
	static const int threads[] = { 1, 2, 3, 7 };
	struct loudness_measured one = in_one_piece(rate_hz, channels, n), m;

	for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
		bool fine = measure(threads[i], rate_hz, channels, n, &m);

		okf(fine && m.samples == n && memcmp(&m.lufs, &one.lufs,
		    sizeof m.lufs) == 0 && memcmp(&m.peak_dbtp,
		    &one.peak_dbtp, sizeof m.peak_dbtp) == 0,
		    "%d Hz, %d channels, %d samples, %d threads: %.2f LUFS, "
		    "%.2f dBTP", rate_hz, channels, n, threads[i], m.lufs,
		    m.peak_dbtp);
	}
}

/* A peak between samples where two blocks meet. */
static void
test_border(int offset)
{
	struct loudness_measured m, one;
	int n = 3 * BLOCK;
	bool fine;

	memset(left, 0, sizeof left);
	for (int i = -3; i < 3; i++)
		left[BLOCK + offset + i] = i == -1 || i == 0 ? 0.9f : -0.4f;
	one = in_one_piece(44100, 1, n);
	fine = measure(2, 44100, 1, n, &m);
	okf(fine && m.peak_dbtp > 0.9 &&
	    memcmp(&m.peak_dbtp, &one.peak_dbtp, sizeof m.peak_dbtp) == 0,
	    "a peak of %.2f dBTP %d samples from where blocks meet",
	    m.peak_dbtp, offset);
}

static void
test_odd(void)
{
	struct loudness_measured m;
	bool fine;

	memset(left, 0, sizeof left);
	okf(measure(2, 48000, 1, 200000, &m) && m.lufs == -HUGE_VAL &&
	    m.peak_dbtp == -HUGE_VAL, "silence has no loudness");
	okf(measure(2, 48000, 1, 0, &m) && m.samples == 0 &&
	    m.lufs == -HUGE_VAL, "nor has nothing");
	for (int i = 0; i < 200000; i++)
		left[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? 1e30f : -INFINITY;
	fine = measure(2, 48000, 1, 200000, &m);
	okf(fine && isfinite(m.lufs) &&
	    isfinite(m.peak_dbtp) && m.peak_dbtp < 25,
	    "NaN, Inf and 1e30: %.2f LUFS, %.2f dBTP", m.lufs, m.peak_dbtp);
}

static void
test_gain(double lufs, double peak_dbtp, int s, double db, bool ceiling,
    const char *what)
{
	struct loudness_measured m = { (int64_t)s * 44100, lufs, peak_dbtp };
	struct loudness_gain g = loudness_gain(&m, 44100, -16);

	okf(fabs(g.db - db) < 1e-9 && g.ceiling == ceiling && (db == 0 ||
	    fabs(g.lufs - (lufs + db)) < 1e-9), "%s: %.2f dB", what, g.db);
}

int
main(void)
{
	make_sound(SAMPLES_MOST);
	test_same(44100, 2, 18 * 44100);
	test_same(48000, 1, 10 * 48000 + 17);
	test_same(8000, 2, BLOCK);
	test_same(22050, 2, 5000);
	test_same(44100, 1, 100);
	for (int offset = -LEAD - 1; offset <= LEAD + 1; offset += 2)
		test_border(offset);
	test_border(PIECE);
	test_odd();
	test_gain(-23, -10, 60, 7, false, "too quiet");
	test_gain(-9, 0.5, 60, -7, false, "too loud");
	test_gain(-23, -3, 60, 2, true, "too quiet, and no room");
	test_gain(-18, 1, 60, -2, true, "peaks above what is allowed");
	test_gain(-16.4, 0, 60, 0, false, "near enough");
	test_gain(-15.5, 0, 60, 0, false, "near enough, from above");
	test_gain(-23, -10, 2, 0, false, "less than 3 s");
	test_gain(-23, -10, 3, 7, false, "3 s");
	test_gain(-HUGE_VAL, -HUGE_VAL, 60, 0, false, "silence");
	test_gain(-60, -2, 60, 1, true, "one click in near silence");
	return tap_done();
}
