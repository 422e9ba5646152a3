/* loudness.h - measure how loud the sound is, on all threads of a pool, and
 * compute the gain for a target.
 *
 * EBU R 128 by libebur128: integrated loudness in one state, block after block,
 * with a histogram instead of a list, so that memory is fixed.  The true peak,
 * which costs most, is measured block by block in any idle thread, and skipped
 * where no sample is large enough to exceed it.  The results depend on the
 * samples alone, not on the threads.
 */
#ifndef ENGINE_LOUDNESS_H
#define ENGINE_LOUDNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/pool.h"

struct loudness;

/* For one or two channels.  Samples higher than level_most count as
 * level_safe() makes them.  pool must outlive it.  NULL with V2M_TEMP. */
struct loudness *loudness_new(int rate_hz, int channels, float level_most,
    struct pool *pool, struct v2m_err *err);

/* Stops the work of the pool.  NULL is allowed. */
void loudness_free(struct loudness *l);

/* Measure n samples of each channel, full scale 1.0; NaN counts as silence.
 * May wait for the threads.  V2M_TEMP: out of memory. */
int loudness_samples(struct loudness *l, const float *const planes[2], int n,
    struct v2m_err *err);

struct loudness_measured {
	int64_t samples;
	double lufs;		/* integrated loudness; -HUGE_VAL: silence */
	double peak_dbtp;	/* true peak; -HUGE_VAL: silence */
};

/* The result, after the last sample.  V2M_TEMP: out of memory. */
int loudness_finish(struct loudness *l, struct loudness_measured *m,
    struct v2m_err *err);

struct loudness_gain {
	double db;		/* 0: no change */
	double lufs;		/* the resulting loudness */
	bool ceiling;		/* limited by the peak: less than asked for */
};

/* The gain that brings *m to target_lufs, limited so that the peak stays at or
 * below -1 dBTP.  0 dB if the loudness is right already (within 0.5 LU), in
 * silence, and in sound shorter than 3 s.  Pure. */
struct loudness_gain loudness_gain(const struct loudness_measured *m,
    int rate_hz, double target_lufs);

#endif
