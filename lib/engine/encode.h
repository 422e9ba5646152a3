/* encode.h - floats in, MP3 frames out: LAME, on all threads of a pool.
 *
 * The sound is cut into segments at fixed places; each has a LAME of its own
 * (segment.h), the seams between them are settled (seam.h), and their frames
 * laid out anew as one stream (repack.h).  The frames depend on the samples
 * alone, not on how many threads there are nor on which is done first.
 *
 * Memory: the samples that wait are bounded by the number of threads, and
 * freed as they are encoded.
 */
#ifndef ENGINE_ENCODE_H
#define ENGINE_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/pool.h"
#include "engine/repack.h"
#include "engine/segment.h"

struct part;

struct encoder {
	struct encode_settings settings;
	int frames, warm;	/* of a segment, and before it */
	bool apart;		/* segments are to be few and long */
	struct pool *pool;	/* borrowed; its lock guards what follows */
	struct part *first, *last;	/* of those that are not put out */
	int64_t waiting;	/* chunks not encoded */
	int64_t most, enough;	/* as many as may be; as shall be */
	bool full, hungry;	/* they were most; a thread has nothing to do */
	int parts;		/* how many there are */
	struct v2m_err failure;	/* of a thread; code 0: none */
	unsigned jitter;	/* for tests: us that a step may dawdle */
	bool tear;		/* for tests: find that segments do not fit */
	/* Of the caller's thread alone. */
	struct part *open[2];	/* that want samples, the older first */
	struct repack *repack;
	float *block[2];
	int delay;
	int64_t samples;	/* taken in */
	int64_t bent;		/* of them silenced or cut to be safe */
	float gain;		/* 1 unless it is changed before the first */
	bool torn;		/* segments did not fit: try it with resets */
};

/* The sink is called in the thread that calls the functions below. */
int encode_open(struct encoder *e, const struct encode_settings *s,
    struct pool *pool, repack_sink *sink, void *arg, struct v2m_err *err);

/* Also of a zeroed or half-open one. */
void encode_close(struct encoder *e);

/* n samples of each channel, full scale 1.0. */
int encode_samples(struct encoder *e, const float *const planes[2], int n,
    struct v2m_err *err);
int encode_finish(struct encoder *e, struct v2m_err *err);

/* Samples that precede the first of ours when the MP3 is decoded: LAME's own
 * delay and a decoder's 529. */
int encode_delay(const struct encoder *e);

#endif
