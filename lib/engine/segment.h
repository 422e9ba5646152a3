/* segment.h - a part of the sound, encoded by a LAME of its own.
 *
 * It begins some frames early, so that LAME's state becomes that of one that
 * has encoded everything before; those frames are compared with the segment
 * before (seam.h).  Frames are numbered through the whole sound: LAME yields
 * frame n once it has (n + 1) * samples_per_frame + SEGMENT_LEAD samples.
 *
 * Not thread-safe: one thread at a time, any one.
 */
#ifndef ENGINE_SEGMENT_H
#define ENGINE_SEGMENT_H

#include <lame/lame.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/coded.h"

#define SEGMENT_LEAD 224	/* samples that LAME needs behind a frame's
				 * end */
#define SEGMENT_CHUNK 4608	/* samples of a chunk, at most */

struct encode_settings {
	int rate_hz, channels;
	int quality;		/* LAME's V scale */
	int bitrate_kbps;	/* 0: variable, by quality */
	bool resets;		/* segments begin with an empty bit reservoir */
	float level_most;	/* higher samples are limited, before the
				 * gain */
};

/* Samples to be encoded, at LAME's scale of 32768. */
struct chunk {
	struct chunk *next;
	int64_t from;		/* number of its first sample in the whole
				 * sound */
	int n;
	float *planes[2];	/* equal if there is one channel */
	float samples[];
};

struct chunk *chunk_new(int channels);

/* A list of chunks, oldest first. */
struct chunks {
	struct chunk *first, *last;
};

void chunks_add(struct chunks *c, struct chunk *chunk);
struct chunk *chunks_take(struct chunks *c);	/* NULL: empty */
void chunks_release(struct chunks *c);

struct segment {
	const struct encode_settings *settings;	/* borrowed */
	int64_t base;		/* number of the first frame in coded */
	int64_t first;		/* first frame after the seam before it */
	int64_t fed;		/* LAME has samples up to this one */
	bool reset;		/* the reservoir was emptied at the seam */
	lame_t lame;		/* NULL: not opened yet, or closed */
	uint8_t *bytes;		/* LAME's output that is not parsed yet */
	size_t len;
	struct coded_reader reader;
	struct coded_row coded;
};

/* A LAME with ffmpeg's settings; the caller closes it.  NULL with V2M_BUG: it
 * refuses the settings; or V2M_TEMP. */
lame_t segment_lame(const struct encode_settings *s, struct v2m_err *err);

void segment_init(struct segment *s, const struct encode_settings *settings,
    int64_t base, int64_t first);
void segment_release(struct segment *s);

/* Encode the chunk's samples that were not encoded before, up to sample `to` of
 * the whole sound.  V2M_FAILED: LAME failed; V2M_BUG: samples are missing, or a
 * frame is invalid; V2M_TEMP. */
int segment_feed(struct segment *s, const struct chunk *chunk, int64_t to,
    struct v2m_err *err);

/* Finish encoding and close LAME.  at_end: the sound ends here, so frames for
 * all samples are made; else only complete frames, as another segment follows.
 * Errors as segment_feed(). */
int segment_finish(struct segment *s, bool at_end, struct v2m_err *err);

/* The number after that of the last frame made. */
int64_t segment_reached(const struct segment *s);

#endif
