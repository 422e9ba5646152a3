/* loudness.h - how loud the sound is, measured on all threads of a pool, and
 * by how much to change that.
 *
 * EBU R128 by libebur128: integrated loudness in one state, block after block,
 * with a histogram instead of a list, so that memory is fixed; the true peak,
 * which costs most, block by block in whatever thread is free, left out where
 * no sample is large enough to make it higher.  The figures depend on the
 * samples alone, not on the threads.
 */
#ifndef ENGINE_LOUDNESS_H
#define ENGINE_LOUDNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/pool.h"

struct loudness;

/* Of one or two channels; what is higher than level_most counts as what the
 * encoder makes of it.  NULL with V2M_TEMP. */
struct loudness *loudness_new(int rate_hz, int channels, float level_most,
    struct pool *pool, struct v2m_err *err);

/* The pool is left without work.  NULL is fine. */
void loudness_free(struct loudness *l);

/* n samples of each channel, full scale 1.0.  NaN is silence. */
int loudness_samples(struct loudness *l, const float *const planes[2], int n,
    struct v2m_err *err);

struct loudness_measured {
	int64_t samples;
	double lufs;		/* integrated; -HUGE_VAL: nothing but silence */
	double peak_dbtp;	/* -HUGE_VAL as well */
};

/* No more will come. */
int loudness_finish(struct loudness *l, struct loudness_measured *m,
    struct v2m_err *err);

struct loudness_gain {
	double db;		/* 0: leave it as it is */
	double lufs;		/* what comes of it */
	bool ceiling;		/* for the peak, it is not what was wanted */
};

/* Never more than a peak of -1 dBTP allows, and none where the loudness is
 * right already, nothing is to be heard, or there is too little to tell.
 * Pure. */
struct loudness_gain loudness_gain(const struct loudness_measured *m,
    int rate_hz, double target_lufs);

#endif
