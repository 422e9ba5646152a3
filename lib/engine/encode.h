/* encode.h - encode samples to MP3 frames with LAME, on all threads of a pool.
 *
 * The sound is cut into segments at fixed places, each with a LAME of its own
 * (segment.h).  The seams between them are settled (seam.h), and their frames
 * written as one stream (repack.h).  The frames depend on the samples alone,
 * not on the number of threads or their timing.
 *
 * Memory: the samples that wait are limited by the number of threads, and freed
 * once they are encoded.
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
	int frames, warm;	/* frames of a segment, and before it
				 * (seam.h) */
	bool apart;		/* segments are few and long */
	struct pool *pool;	/* borrowed; its lock guards the following
				 * fields */
	struct part *first, *last;	/* segments not written yet */
	int64_t waiting;	/* chunks still to be encoded */
	int64_t most, enough;	/* limits of `waiting`: stop reading; read
				 * again */
	bool full, hungry;	/* `most` was passed; a thread has nothing to
				 * do */
	int parts;		/* how many segments there are */
	struct v2m_err failure;	/* of a thread; code 0: none */
	unsigned jitter;	/* for tests: delay of a step, us at most */
	bool tear;		/* for tests: act as if segments do not fit */
	/* Only for the caller's thread: */
	struct part *open[2];	/* segments that need samples, older first */
	struct repack *repack;
	float *block[2];
	int delay;
	int64_t samples;	/* samples taken */
	int64_t bent;		/* samples made safe (level.h) */
	float gain;		/* factor; set it before the first sample */
	bool torn;		/* segments did not fit: encode again with
				 * settings.resets */
};

/* sink is called in the thread that calls the functions below.  V2M_TEMP: out
 * of memory.  V2M_BUG: LAME refuses the settings.  *e needs no setup, and needs
 * encode_close() whatever is returned. */
int encode_open(struct encoder *e, const struct encode_settings *s,
    struct pool *pool, repack_sink *sink, void *arg, struct v2m_err *err);

/* Stops the threads' work.  Also for a zeroed *e. */
void encode_close(struct encoder *e);

/* Encode n samples of each channel, full scale 1.0; may wait for the threads.
 * V2M_TEMP; V2M_FAILED: LAME failed; V2M_BUG (see e->torn); or the sink's
 * error. */
int encode_samples(struct encoder *e, const float *const planes[2], int n,
    struct v2m_err *err);
int encode_finish(struct encoder *e, struct v2m_err *err);

/* Samples before the first one of the sound when the MP3 is decoded: LAME's own
 * delay and the 529 of a decoder. */
int encode_delay(const struct encoder *e);

#endif
