/* claim.h - how long a container says it is, held against what came.
 *
 * A file cut short decodes without an error, so its own word is all there is
 * to tell by.  Taken are numbers that were written into a header: of the
 * track itself (MP4, AVI, WAV, FLAC, ...) and, where there are such, of the
 * whole (Matroska, FLV, ASF), which counts against whatever track goes on
 * longest.  Not taken are libavformat's guesses: from the bitrate, or from
 * the last time stamps that are there.
 */
#ifndef ENGINE_CLAIM_H
#define ENGINE_CLAIM_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/shape.h"
#include "engine/timeline.h"

#define CLAIM_STREAMS 128

struct claim {
	int64_t header[CLAIM_STREAMS];	/* durations, in the track's units */
	unsigned nheader;
	double cut;		/* the file should be so many times larger */
	/* Ends on the job's time, in microseconds; -1: no claim. */
	int64_t sound_us, whole_us;
	bool unknown;		/* what is written means "not known" */
	int64_t tracks_us;	/* of the track that claims most; -1 */
	bool seen;		/* Ogg: no header tells how long it is; the end
				 * is the last stamp, whatever the first is */
	/* Those of them that say where sound is missing. */
	bool reckoned;		/* whole_us comes from time stamps */
	struct timeline_facts facts;	/* all but early */
};

/* Sound, or pictures that move? */
bool claim_is_track(const AVStream *st);

/* After avformat_open_input(), before anything is guessed.  shape is of the
 * file's first bytes, length what it has. */
void claim_note(struct claim *c, const AVFormatContext *fmt,
    const struct shape *shape, int64_t length);

/* Where the container says that it does not know how long the whole is. */
void claim_none(struct claim *c);

/* After avformat_find_stream_info(), when the track is chosen and the job's
 * time 0 known. */
void claim_settle(struct claim *c, const AVFormatContext *fmt,
    const AVStream *sound, int64_t origin_us);

/* The one that counts, for progress and for filling gaps; or -1. */
int64_t claim_us(const struct claim *c);

/* Must the other tracks be watched for where they end? */
bool claim_needs_others(const struct claim *c);

/* The sound ended at sound_us, the longest track at last_us: is there less
 * than claimed?  Then *claimed_us is what was. */
bool claim_broken(const struct claim *c, int64_t sound_us, int64_t last_us,
    int64_t *claimed_us);

#endif
