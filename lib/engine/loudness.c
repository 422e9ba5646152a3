#include "engine/loudness.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/level.h"

#define BLOCK 16384		/* samples of each channel */
#define PIECE 256		/* samples whose peak is measured at once */
#define LEAD 12			/* samples of the filter before a sample */
/* The interpolation filter of libebur128 yields at most 1.87 times the largest
 * sample around. */
#define RISE_MOST 2.0
/* Error of look(), as a factor. */
#define LOOK_OFF 1.1
#define PHASES 3		/* interpolated values between two samples */
#define BLOCKS_MORE 2		/* blocks that wait, besides two per thread */

#define CEILING_DBTP -1.0
#define NEAR_LU 0.5
#define TOLD_LU 0.05		/* a smaller difference is not reported */
#define LEAST_S 3

struct block {
	struct block *next;
	int n;			/* samples, without the lead */
	bool weighed, taken, peaked;
	float samples[];	/* interleaved */
};

/* A state that measures peaks, for one thread at a time. */
struct peaks {
	struct peaks *next;
	ebur128_state *state;
};

struct loudness {
	int rate_hz, channels;
	float level_most;
	struct pool *pool;	/* borrowed; its lock guards the following
				 * fields */
	struct block *first, *last;
	int blocks, most;
	bool weighing, failed;
	double peak;		/* the highest so far, of all channels */
	float phases[PHASES][LEAD];
	struct peaks *idle;
	/* For the thread that measures loudness (`weighing`): */
	ebur128_state *weigher;
	/* For the caller's thread only: */
	struct block *filling;
	float lead[2 * LEAD];
	int64_t samples;
};

/* Add a state that only measures peaks.  Its sample rate affects only what it
 * does not measure, and its memory. */
static bool
add_peaks(struct loudness *l)
{
	struct peaks *p = calloc(1, sizeof *p);

	if (p == NULL)
		return false;
	p->next = l->idle;
	l->idle = p;
	p->state = ebur128_init((unsigned)l->channels, 8000,
	    EBUR128_MODE_TRUE_PEAK);
	if (p->state == NULL)
		return false;
	for (int i = 0; i < l->channels; i++)
		ebur128_set_channel(p->state, (unsigned)i, EBUR128_UNUSED);
	return true;
}

/* libebur128 fills tables with each state, so all are made before the threads
 * work. */
static bool
make_states(struct loudness *l)
{
	l->weigher = ebur128_init((unsigned)l->channels,
	    (unsigned long)l->rate_hz,
	    EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM);
	if (l->weigher == NULL)
		return false;
	for (int i = 0; i < l->pool->n || i == 0; i++)
		if (!add_peaks(l))
			return false;
	return true;
}

/* The windowed sinc of libebur128, at 1/4, 1/2 and 3/4 between samples, as
 * floats. */
static void
make_phases(struct loudness *l)
{
	const int taps = 4 * LEAD;

	for (int p = 0; p < PHASES; p++)
		for (int i = 0; i < LEAD; i++) {
			int tap = 4 * i + p + 1;
			double x = M_PI / 4 * (tap - taps / 2);

			l->phases[p][i] = (float)(sin(x) / x *
			    (0.5 - 0.5 * cos(2 * M_PI * tap / taps)));
		}
}

static size_t
samples_size(const struct loudness *l, int n)
{
	return (size_t)n * (size_t)l->channels * sizeof(float);
}

static bool
weigh(struct loudness *l, const struct block *b)
{
	return ebur128_add_frames_float(l->weigher,
	    b->samples + LEAD * l->channels, (size_t)b->n) == EBUR128_SUCCESS;
}

static double
largest(const float *samples, size_t n)
{
	float most = 0;

	for (size_t i = 0; i < n; i++)
		most = fabsf(samples[i]) > most ? fabsf(samples[i]) : most;
	return most;
}

/* Raise *peak to the true peak of n samples, which follow those given before.
 * false: out of memory. */
static bool
measure_piece(const struct loudness *l, ebur128_state *state,
    const float *samples, int n, double *peak)
{
	double found;

	if (ebur128_add_frames_float(state, samples, (size_t)n) !=
	    EBUR128_SUCCESS)
		return false;
	for (int i = 0; i < l->channels; i++) {
		if (ebur128_prev_true_peak(state, (unsigned)i, &found) !=
		    EBUR128_SUCCESS)
			return false;
		*peak = found > *peak ? found : *peak;
	}
	return true;
}

/* Vectors of four samples. */
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_bits __attribute__((vector_size(16)));

/* The approximate peak between the samples of a piece; LEAD samples before it
 * are there.  Non-negative floats compare as their bits do. */
static float
look(const struct loudness *l, const float *samples)
{
	four_bits most = { 0 };
	float best = 0, found;

	for (int i = 0; i < PIECE * l->channels; i += 4) {
		four sum[PHASES] = { { 0 } }, x;

		for (int k = 0; k < LEAD; k++) {
			memcpy(&x, samples + i - k * l->channels, sizeof x);
			for (int p = 0; p < PHASES; p++)
				sum[p] += x * l->phases[p][k];
		}
		for (int p = 0; p < PHASES; p++) {
			four_bits bits = (four_bits)sum[p] & 0x7fffffff;
			four_bits more = bits > most;

			most = (bits & more) | (most & ~more);
		}
	}
	for (int i = 0; i < 4; i++) {
		memcpy(&found, (char *)&most + 4 * i, sizeof found);
		best = found > best ? found : best;
	}
	return best;
}

/* Can the piece exceed this peak?  Most cannot, and measuring takes long. */
static bool
may_exceed(const struct loudness *l, const float *lead, int n, double peak)
{
	float most = largest(lead, (size_t)(LEAD + n) * (size_t)l->channels);
	float between;

	if (most * RISE_MOST <= peak)
		return false;
	between = look(l, lead + LEAD * l->channels);
	return (between > most ? between : most) * LOOK_OFF > peak;
}

static bool
look_for_peak(const struct loudness *l, const struct block *b,
    ebur128_state *state, double *peak)
{
	bool follows = false;

	for (int at = 0, n; at < b->n; at += n) {
		const float *lead = b->samples + at * l->channels;

		n = b->n - at < PIECE ? b->n - at : PIECE;
		if (!may_exceed(l, lead, n, *peak)) {
			follows = false;
			continue;
		}
		if (!follows && ebur128_add_frames_float(state, lead, LEAD) !=
		    EBUR128_SUCCESS)
			return false;
		if (!measure_piece(l, state, lead + LEAD * l->channels, n,
		    peak))
			return false;
		follows = true;
	}
	return true;
}

/* Run by the threads, with the lock held except while they measure a block. */

static void
drop_done(struct loudness *l)
{
	struct block *b;

	while ((b = l->first) != NULL && b->weighed && b->peaked) {
		l->first = b->next;
		if (l->first == NULL)
			l->last = NULL;
		l->blocks--;
		free(b);
	}
}

static void
step_weigh(struct loudness *l, struct block *b)
{
	bool good;

	l->weighing = true;
	pthread_mutex_unlock(&l->pool->lock);
	good = weigh(l, b);
	pthread_mutex_lock(&l->pool->lock);
	l->weighing = false;
	b->weighed = true;
	l->failed = l->failed || !good;
	drop_done(l);
}

static void
step_peak(struct loudness *l, struct block *b)
{
	struct peaks *p = l->idle;
	double peak = l->peak;
	bool good;

	l->idle = p->next;
	b->taken = true;
	pthread_mutex_unlock(&l->pool->lock);
	good = look_for_peak(l, b, p->state, &peak);
	pthread_mutex_lock(&l->pool->lock);
	p->next = l->idle;
	l->idle = p;
	b->peaked = true;
	l->peak = peak > l->peak ? peak : l->peak;
	l->failed = l->failed || !good;
	drop_done(l);
}

static bool
measure_step(void *arg)
{
	struct loudness *l = arg;
	struct block *b;

	if (!l->weighing)
		for (b = l->first; b != NULL; b = b->next)
			if (!b->weighed) {
				step_weigh(l, b);
				return true;
			}
	for (b = l->first; b != NULL && l->idle != NULL; b = b->next)
		if (!b->taken) {
			step_peak(l, b);
			return true;
		}
	return false;
}

/* Run by the caller's thread. */

struct loudness *
loudness_new(int rate_hz, int channels, float level_most,
    struct pool *pool, struct v2m_err *err)
{
	struct loudness *l = calloc(1, sizeof *l);

	if (l == NULL)
		goto fail;
	l->rate_hz = rate_hz;
	l->channels = channels;
	l->level_most = level_most;
	l->pool = pool;
	l->most = 2 * pool->n + BLOCKS_MORE;
	make_phases(l);
	if (!make_states(l))
		goto fail;
	pthread_mutex_lock(&pool->lock);
	pool_give(pool, measure_step, l);
	pthread_mutex_unlock(&pool->lock);
	return l;
fail:
	loudness_free(l);
	v2m_err_set(err, V2M_TEMP, "out of memory");
	return NULL;
}

void
loudness_free(struct loudness *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->pool->lock);
	pool_give(l->pool, NULL, NULL);
	pthread_mutex_unlock(&l->pool->lock);
	while (l->first != NULL) {
		struct block *b = l->first;

		l->first = b->next;
		free(b);
	}
	while (l->idle != NULL) {
		struct peaks *p = l->idle;

		l->idle = p->next;
		if (p->state != NULL)
			ebur128_destroy(&p->state);
		free(p);
	}
	if (l->weigher != NULL)
		ebur128_destroy(&l->weigher);
	free(l->filling);
	free(l);
}

/* Hand the current block to the threads, and wait until at most `most` blocks
 * are left. */
static int
hand_over_blocks(struct loudness *l, int most, struct v2m_err *err)
{
	struct block *b = l->filling;
	bool failed;

	l->filling = NULL;
	if (b != NULL) {
		memcpy(l->lead, b->samples + b->n * l->channels,
		    samples_size(l, LEAD));
		/* look() reads whole pieces. */
		memset(b->samples + (LEAD + b->n) * l->channels, 0,
		    samples_size(l, (BLOCK - b->n) % PIECE));
	}
	pthread_mutex_lock(&l->pool->lock);
	if (b != NULL) {
		if (l->first == NULL)
			l->first = b;
		else
			l->last->next = b;
		l->last = b;
		l->blocks++;
		/* One thread for the loudness, one for the peak. */
		pthread_cond_signal(&l->pool->more);
		pthread_cond_signal(&l->pool->more);
	}
	while (l->blocks > most)
		pool_help(l->pool);
	failed = l->failed;
	pthread_mutex_unlock(&l->pool->lock);
	if (failed)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return 0;
}

static int
begin_block(struct loudness *l, struct v2m_err *err)
{
	struct block *b = malloc(sizeof *b + samples_size(l, LEAD + BLOCK));

	if (b == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memset(b, 0, sizeof *b);
	memcpy(b->samples, l->lead, samples_size(l, LEAD));
	l->filling = b;
	return 0;
}

int
loudness_samples(struct loudness *l, const float *const planes[2], int n,
    struct v2m_err *err)
{
	for (int at = 0, part; at < n; at += part) {
		struct block *b;
		float *to;

		if (l->filling == NULL && begin_block(l, err) < 0)
			return -1;
		b = l->filling;
		part = n - at < BLOCK - b->n ? n - at : BLOCK - b->n;
		to = b->samples + (LEAD + b->n) * l->channels;
		for (int c = 0; c < l->channels; c++)
			for (int i = 0; i < part; i++)
				to[i * l->channels + c] =
				    level_safe(planes[c][at + i],
				    l->level_most);
		b->n += part;
		if (b->n == BLOCK && hand_over_blocks(l, l->most, err) < 0)
			return -1;
	}
	l->samples += n;
	return 0;
}

int
loudness_finish(struct loudness *l, struct loudness_measured *m,
    struct v2m_err *err)
{
	if (hand_over_blocks(l, 0, err) < 0)
		return -1;
	m->samples = l->samples;
	m->peak_dbtp = l->peak > 0 ? 20 * log10(l->peak) : -HUGE_VAL;
	if (ebur128_loudness_global(l->weigher, &m->lufs) != EBUR128_SUCCESS)
		return v2m_err_set(err, V2M_BUG,
		    "its loudness cannot be measured");
	return 0;
}

struct loudness_gain
loudness_gain(const struct loudness_measured *m, int rate_hz,
    double target_lufs)
{
	struct loudness_gain g = { .lufs = m->lufs };
	double most = CEILING_DBTP - m->peak_dbtp;

	if (m->samples < (int64_t)LEAST_S * rate_hz || !isfinite(m->lufs) ||
	    !isfinite(m->peak_dbtp) || fabs(target_lufs - m->lufs) <= NEAR_LU)
		return g;
	g.db = target_lufs - m->lufs;
	g.ceiling = g.db > most + TOLD_LU;
	if (g.db > most)
		g.db = most;
	g.lufs += g.db;
	return g;
}
