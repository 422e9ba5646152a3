/* Where silence is inserted and where not, for streams as recorders, converters
 * and lossy networks write them. */
#include "engine/gaps.c"

#include "tap.h"

#define AAC (1024 / 48000.0)
#define MP3 (1152 / 44100.0)
#define MOST 80000

static struct gaps_packet pk[MOST];
static int n;
static uint64_t seed;

/* Facts about the stream besides its packets. */
struct stream {
	double claim_s, start_s, total_s;
};

struct result {
	double front_s, inside_s, quiet_s;
	int jumps;
	bool again;
};

static const struct stream unclaimed = { .claim_s = -1, .total_s = -1 };

/* xorshift64*: 0 <= x < 1. */
static double
chance(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (double)((seed * UINT64_C(0x2545f4914f6cdd1d)) >> 11) /
	    9007199254740992.0;
}

static void
begin(void)
{
	n = 0;
	seed = 88172645463325252u;
}

static void
put(double stamp, double length, int64_t bytes)
{
	pk[n++] = (struct gaps_packet){
		.stamp_s = stamp, .length_s = length, .bytes = bytes
	};
}

static void
line(int count, double length)
{
	begin();
	for (int i = 0; i < count; i++)
		put(i * length, length, 100);
}

/* Packets from number `at` on come later, or earlier. */
static void
shift_from(int at, double by)
{
	for (int i = at; i < n; i++)
		pk[i].stamp_s += by;
}

static void
hole(double seconds, int count)
{
	line(count, AAC);
	shift_from(1500, seconds);
}

static void
stretch(double rate)
{
	for (int i = 0; i < n; i++)
		pk[i].stamp_s *= rate;
}

static void
grid(double unit)
{
	for (int i = 0; i < n; i++)
		pk[i].stamp_s = nearbyint(pk[i].stamp_s / unit) * unit;
}

static void
jitter(double by)
{
	for (int i = 0; i < n; i++)
		pk[i].stamp_s += by * (2 * chance() - 1);
}

/* Lose the packets for which lost() says so. */
static int
lose(bool (*lost)(int i))
{
	int left = 0, before = n;

	for (int i = 0; i < n; i++)
		if (i < 50 || i >= before - 50 || !lost(i))
			pk[left++] = pk[i];
	n = left;
	return before - left;
}

static bool
one_in_20(int i)
{
	(void)i;
	return chance() < 0.05;
}

static bool
burst(int i)
{
	static int left;

	if (i % 100 == 60)
		left = 2 + (int)(38 * chance());
	return left-- > 0;
}

/* One pass over the whole stream. */
static void
pass(struct gaps *g, struct result *r)
{
	struct v2m_err err;
	struct gaps_step step;

	r->jumps = 0;
	for (int i = 0; i <= n; i++) {
		if (i == n)
			gaps_finish(g);
		else if (gaps_add(g, &pk[i], &err) < 0)
			printf("# %s\n", err.msg);
		while (gaps_next(g, &step))
			r->jumps += step.jump_s != 0;
	}
	r->inside_s = g->filled_s;
	r->quiet_s = g->quiet_s;
}

static struct result
run(const struct stream *s)
{
	struct gaps g;
	struct gaps_verdict v;
	struct result r = { .jumps = 0 };

	gaps_init(&g, &s->claim_s, 1);
	pass(&g, &r);
	r.front_s = gaps_front(s->start_s, g.sound_s, s->total_s);
	r.again = gaps_end(&g, &v);
	gaps_release(&g);
	if (!r.again)
		return r;
	gaps_init_again(&g, &v);
	pass(&g, &r);
	gaps_release(&g);
	return r;
}

static struct result
fills(const struct stream *s, double least, double most, const char *what)
{
	struct result r = run(s);

	if (!okf(r.inside_s >= least - 0.002 && r.inside_s <= most + 0.002,
	    "%s: %.6g to %.6g s", what, least, most))
		printf("#   %.6g s, %d jumps, again: %d\n", r.inside_s,
		    r.jumps, r.again);
	return r;
}

static struct result __attribute__((format(printf, 3, 4)))
fills_about(double least, double most, const char *fmt, ...)
{
	char what[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	return fills(&unclaimed, least, most, what);
}

/* Real-time sound over a network. */
static void
losses(void)
{
	static const double ms[] = { 2.5, 5, 20, 60 }, other[] = { AAC, MP3 };

	for (int i = 0; i < 4; i++) {
		double gone;

		line((int)(60000 / ms[i]), ms[i] / 1000);
		gone = lose(one_in_20) * ms[i] / 1000;
		fills_about(0.97 * gone, 1.03 * gone,
		    "%g ms, 5 %% lost one by one", ms[i]);
		grid(0.001);
		fills_about(ms[i] < 5 ? 0 : 0.85 * gone, 1.05 * gone,
		    "%g ms, 5 %% lost, stamps of milliseconds", ms[i]);
	}
	for (int i = 0; i < 2; i++) {
		double gone;

		line(3000, other[i]);
		grid(0.001);
		gone = lose(one_in_20) * other[i];
		fills_about(0.95 * gone, 1.02 * gone, "%g s, 5 %% lost",
		    other[i]);
	}
	line(3000, 0.02);
	int gone = lose(burst);
	fills_about(0.02 * gone - 0.01, 0.02 * gone + 0.01,
	    "20 ms, bursts lost");
}

/* Speech with pauses, in which there are few packets. */
static double
talk(int small)
{
	double t = 0;

	begin();
	while (t < 3600) {
		bool talks = chance() < 1 / 6.0;

		for (int i = 0; i < (talks ? 1500 : 75); i++) {
			if (talks) {
				put(t, 0.02, 90);
			} else {
				put(t, 0.02, 60);
				put(t + 0.02, 0.02, small);
				pk[n - 1].quiet = true;
			}
			t += talks ? 0.02 : 0.4;
		}
	}
	return t - 0.02 * n;
}

static void
quiet(void)
{
	static const int small[] = { 1, 3 };

	for (int i = 0; i < 2; i++) {
		double pauses = talk(small[i]);
		struct result r = fills_about(0, 0,
		    "silence of the codec's own, %d bytes", small[i]);

		okf(r.quiet_s >= 0.99 * pauses - 0.01,
		    "is filled, as such: %.6g s", pauses);
	}
	line(500, 0.02);
	put(10, 0.02, 1);
	pk[n - 1].quiet = true;
	for (int i = 0; i < 500; i++)
		put(2410 + 0.02 * i, 0.02, 90);
	ok(fills_about(0, 0, "one of 40 minutes").quiet_s >= 2398.99,
	    "is filled too");
}

/* PTS that are rounded, or whose clock is fast or slow. */
static void
clocks(void)
{
	static const double lengths[] = {
		AAC, MP3, 0.032, 0.0025, 0.005, 0.02, 0.06, 1 / 8000.0, 10
	}, units[] = { 0.001, 0.01 }, rates[] = {
		0.8, 0.95, 0.99, 0.999, 1.001, 1.01, 1.05, 1.2
	};

	for (int i = 0; i < 9; i++) {
		double d = lengths[i];
		int count = (int)fmax(12, fmin(5000, 60 / d));
		char what[64];

		for (int k = 0; k < 2; k++) {
			line(count, d);
			grid(units[k]);
			snprintf(what, sizeof what, "%g s on a grid of %g", d,
			    units[k]);
			fills(&unclaimed, 0, 0.01, what);
			line(count, d);
			jitter(units[k]);
			snprintf(what, sizeof what, "%g s, jitter %g", d,
			    units[k]);
			fills(&unclaimed, 0, 0.03, what);
		}
		for (int k = 0; k < 8; k++) {
			line(count, d);
			stretch(rates[k]);
			grid(0.001);
			snprintf(what, sizeof what, "%g s at %g of the rate",
			    d, rates[k]);
			fills(&unclaimed, 0, 0, what);
		}
	}
}

static void
odd_packets(void)
{
	static const int per_mille[] = { 900, 300, 500 };
	double t = 0;

	line(12, 10);
	shift_from(6, 1);
	fills_about(1, 1, "packets of 10 s, a hole of 1 s");
	line(5000, 1 / 8000.0);
	shift_from(2500, 1);
	fills_about(1, 1, "packets of one sample, a hole of 1 s");
	begin();
	for (int i = 0; i < 2400; i++) {
		put(t, 0.026, per_mille[i / 200 % 3] +
		    (int)(500 * chance()) - 250);
		t += 0.026 * (double)pk[n - 1].bytes / 567;
	}
	fills(&(struct stream){ .claim_s = 62.4, .total_s = -1 }, 0, 0.7,
	    "AVI: variable rate, stamps reckoned from bytes");
	begin();
	for (int i = 0; i < 200; i++)
		put(0.372 * i, 0.0464 * (8 + (i + 1) % 3 - 1), 3000);
	fills_about(0, 0, "WMA: packets of seven to nine frames");
	begin();
	for (int i = 0; i < 1200; i++)
		put(0.0464 * (i / 5 * 5), 0.0464, 400);
	fills_about(0, 0, "one stamp for five packets");
	begin();
	for (int i = 0; i < 2000; i++)
		put(GAPS_NO_STAMP, AAC, 300);
	fills_about(0, 0, "no stamps at all");
}

static void
jumps(void)
{
	static const double back[] = { 95443.7, 7200 };

	for (int i = 0; i < 2; i++) {
		line(3000, AAC);
		for (int k = 0; k < n; k++)
			pk[k].stamp_s -= pk[k].stamp_s > 30 ? back[i] : 0;
		ok(fills_about(0, 0, "back by %g s", back[i]).jumps > 0,
		    "is a jump");
	}
	hole(18000, 3000);
	ok(fills_about(0, 0, "forward by five hours").jumps > 0,
	    "is a jump");
	hole(3, 3000);
	pk[1500].mark = GAPS_MARKED;
	fills_about(3, 3, "a discontinuity: 3 s lost");
	hole(0.3, 3000);
	pk[1500].mark = GAPS_LINK;
	ok(fills_about(0, 0, "a new link in an Ogg, %g s on", 0.3).jumps > 0,
	    "is a jump");
}

static void
claims(void)
{
	static const double edits[] = { 0.5, 60 }, good[] = {
		50, 62, 90, 97392, -1
	}, rates[] = { 0.5, 2 };
	struct stream s = unclaimed;

	for (int i = 0; i < 2; i++) {
		hole(edits[i], 3000);
		s.claim_s = 64 + edits[i];
		fills(&s, edits[i], edits[i], "a hole in an edit list");
	}
	line(3000, AAC);
	ok(fills(&(struct stream){ 64, 120, 184 }, 0, 0,
	    "late by two minutes").front_s > 119.99, "is filled in front");
	ok(fills(&(struct stream){ 64, 0.557, 64 }, 0, 0,
	    "a decoder that is late").front_s >= 0, "with or without a front");
	for (int i = 0; i < 5; i++) {
		char what[64];

		hole(5, 3000);
		s.claim_s = good[i];
		snprintf(what, sizeof what, "a gap of 5 s, claimed %g s",
		    good[i]);
		fills(&s, 5, 5, what);
	}
	s.claim_s = 64;
	line(3000, AAC);
	pk[n - 1].stamp_s = 94;
	fills(&s, 0, 0, "a wild stamp at the end");
	hole(5, 3000);
	shift_from(n - 20, 3000);
	s.claim_s = 69;
	ok(fills(&s, 5, 5, "a true gap, a wild end").jumps > 0,
	    "which is a jump");
	for (int i = 0; i < 2; i++) {
		line(1500, 1024 / 44100.0);
		stretch(rates[i]);
		s.claim_s = 34.83 * rates[i];
		fills(&s, 0, 0, "HE-AAC whose durations are wrong");
	}
}

static void
pauses(void)
{
	static const struct {
		int packets;
		double claim_s, filled_s;
	} paused[] = {
		{ 9000, 2592, 2400 },
		{ 3000, 2464, 0 },	/* over 20 times the sound */
		{ 9000, -1, 0 },
	};
	static const double fast[] = { 1, 0.9 };
	struct stream s = unclaimed;

	for (int i = 0; i < 3; i++) {
		hole(2400, paused[i].packets);
		s.claim_s = paused[i].claim_s;
		fills(&s, paused[i].filled_s, paused[i].filled_s,
		    "a pause of 40 minutes");
	}
	s.claim_s = 84;
	for (int i = 0; i < 2; i++) {
		line(3000, AAC);
		for (int k = 0; k < n; k++)
			pk[k].stamp_s += fast[i] *
			    fmax(0, fmin(pk[k].stamp_s - 20, 20));
		fills(&s, 0, 0.05, "stamps too fast in a third of it");
	}
}

static void
strays(void)
{
	static const struct {
		double by;
		int every;
	} off[] = { { -0.015, 47 }, { 0.015, 47 }, { -3600, 2999 } };

	line(2000, AAC);
	shift_from(1, 0.0167);
	fills_about(0, 0.017, "the first packet stretched, as phones do");
	for (int i = 0; i < 3; i++) {
		line(3000, AAC);
		for (int k = 20; k < n; k += off[i].every)
			pk[k].stamp_s += off[i].by;
		fills_about(0, 0, "stamps off by %g s now and then",
		    off[i].by);
	}
	line(3000, AAC);
	for (int k = 0; k < n; k++)
		pk[k].stamp_s += 0.05 * (k / 50 % 2);
	fills_about(0, 0.051, "50 ms on and back each second");
	begin();
	for (int i = 0; i < 15; i++)
		put(5760.0 * i, 0.02, 90);
	fills_about(0, 0, "fifteen packets over a day");
}

/* Packets held while a step is not decided, and that they are released. */
static void
holding(void)
{
	struct gaps g;
	struct gaps_step step;
	struct v2m_err err;
	int held = 0, most = 0;

	line(3000, AAC);
	jitter(0.005);
	shift_from(1000, 3);
	gaps_init(&g, NULL, 0);
	for (int i = 0; i < n; i++) {
		gaps_add(&g, &pk[i], &err);
		held++;
		while (gaps_next(&g, &step))
			held--;
		if (held > most)
			most = held;
	}
	ok(held == 0, "everything is decided at once but for steps");
	ok(most >= 8 && most <= 10, "which take the window behind them");
	ok(g.room <= 64, "memory does not grow");
	gaps_release(&g);
}

/* A copy decides like the original, and each is independent. */
static void
copied(void)
{
	struct gaps g, other;
	struct gaps_step step, same;
	struct v2m_err err;
	int differ = 0;

	hole(1, 3000);
	gaps_init(&g, NULL, 0);
	for (int i = 0; i < 1505; i++) {
		gaps_add(&g, &pk[i], &err);
		while (gaps_next(&g, &step))
			;
	}
	ok(!gaps_decided(&g), "within a step");
	ok(gaps_copy(&other, &g, &err) == 0, "is copied");
	for (int i = 1505; i < n; i++) {
		gaps_add(&g, &pk[i], &err);
		gaps_add(&other, &pk[i], &err);
		while (gaps_next(&g, &step))
			differ += !gaps_next(&other, &same) ||
			    step.fill_s != same.fill_s;
	}
	ok(differ == 0 && gaps_decided(&g) && gaps_decided(&other),
	    "and goes on alike");
	ok(g.filled_s > 0.99 && g.filled_s == other.filled_s, "to the end");
	gaps_release(&g);
	gaps_release(&other);
	gaps_init(&g, NULL, 0);
	ok(gaps_copy(&other, &g, &err) == 0 && other.ring == NULL,
	    "one that is empty");
}

int
main(void)
{
	losses();
	quiet();
	clocks();
	odd_packets();
	jumps();
	claims();
	pauses();
	strays();
	holding();
	copied();
	return tap_done();
}
