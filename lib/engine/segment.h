/* segment.h - a stretch of the sound, with a LAME of its own.
 *
 * It begins some frames early, so that LAME has heard enough of what came
 * before to go on as if it had heard all; those frames are for comparison
 * with the segment before (seam.h).  Frames are numbered through the whole
 * sound: frame n is what LAME makes once it has samples (n + 1) *
 * samples_per_frame + SEGMENT_LEAD.
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

#define SEGMENT_LEAD 224	/* samples LAME wants behind a frame's end */
#define SEGMENT_CHUNK 4608	/* samples, at most, at a time */

struct encode_settings {
	int rate_hz, channels;
	int quality;		/* V scale */
	int bitrate_kbps;	/* 0: quality rules */
	bool resets;		/* segments begin with an empty reservoir */
	float level_most;	/* what is higher is cut before the gain */
};

/* Samples on their way, at LAME's scale of 32768. */
struct chunk {
	struct chunk *next;
	int64_t from;		/* in the whole sound */
	int n;
	float *planes[2];	/* both the same where there is one channel */
	float samples[];
};

struct chunk *chunk_new(int channels);

/* A row of them, oldest first. */
struct chunks {
	struct chunk *first, *last;
};

void chunks_add(struct chunks *c, struct chunk *chunk);
struct chunk *chunks_take(struct chunks *c);	/* NULL: none is left */
void chunks_release(struct chunks *c);

struct segment {
	const struct encode_settings *settings;	/* borrowed */
	int64_t base;		/* the frame that coded begins with */
	int64_t first;		/* the first that is its own */
	int64_t fed;		/* samples up to here LAME has got */
	bool reset;		/* the reservoir has been emptied */
	lame_t lame;		/* NULL: not begun, or closed */
	uint8_t *bytes;		/* what LAME gave, and what is left of it */
	size_t len;
	struct coded_reader reader;
	struct coded_row coded;
};

/* LAME, set as ffmpeg sets it.  NULL with V2M_BUG or V2M_TEMP. */
lame_t segment_lame(const struct encode_settings *s, struct v2m_err *err);

void segment_init(struct segment *s, const struct encode_settings *settings,
    int64_t base, int64_t first);
void segment_release(struct segment *s);

/* What of the chunk it has not had, up to sample to of the whole sound. */
int segment_feed(struct segment *s, const struct chunk *chunk, int64_t to,
    struct v2m_err *err);

/* No more will come.  at_end: the sound ends here, with the frames that make
 * its last samples whole; else it goes on in another segment, and what comes
 * out are the frames that are complete.  Lets LAME go. */
int segment_finish(struct segment *s, bool at_end, struct v2m_err *err);

/* The number behind the last frame that is out. */
int64_t segment_reached(const struct segment *s);

#endif
