/* claim.h - the duration that a container states (its claim), compared with
 * what was found in it.
 *
 * A file that is cut short decodes without an error, so only the claim can show
 * that something is missing.  Used are durations written in a header: of the
 * track itself (MP4, AVI, WAV, FLAC, ...) and of the whole file (Matroska, FLV,
 * ASF), which is compared with the longest track.  Not used are libavformat's
 * estimates from the bitrate or from the last time stamps.
 */
#ifndef ENGINE_CLAIM_H
#define ENGINE_CLAIM_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/mp4.h"
#include "engine/shape.h"
#include "engine/timeline.h"

#define CLAIM_STREAMS 128

struct claim {
	int64_t header[CLAIM_STREAMS];	/* durations, in each track's
					 * time_base */
	unsigned nheader;
	double cut;		/* factor by which the file is too short; 0: it
				 * is not */
	/* Ends of the sound track and of the file, in microseconds after time
	 * 0; -1: no claim. */
	int64_t sound_us, whole_us;
	bool unknown;		/* the header says "not known" */
	bool ends;		/* durations of MP4's fragments and of ASF
				 * are ends after time stamp 0 */
	int64_t tracks_us;	/* end of the longest track; -1 */
	bool seen;		/* Ogg: there is no claim.  No header states the
				 * duration, and the last time stamp is an end,
				 * wherever the first packet begins */
	/* The claims that show where sound is missing: */
	bool reckoned;		/* whole_us is from time stamps */
	struct timeline_facts facts;	/* all fields but `early` */
};

/* Is the stream sound or video (not a cover picture)? */
bool claim_is_track(const AVStream *st);

/* Read the claims of all headers into *c, which is zeroed.  Call it between
 * avformat_open_input() and avformat_find_stream_info(), which replaces missing
 * durations by estimates.  shape is of the file's first bytes; length is the
 * file's, in bytes. */
void claim_note(struct claim *c, const AVFormatContext *fmt,
    const struct shape *shape, int64_t length);

/* What else an MP4's header says of the duration. */
void claim_note_mp4(struct claim *c, enum mp4_length length);

/* Compute the ends.  Call it after avformat_find_stream_info(), when the track
 * is chosen and time 0 (origin_us) is known. */
void claim_settle(struct claim *c, const AVFormatContext *fmt,
    const AVStream *sound, int64_t origin_us);

/* The end of the sound, else of the file, in microseconds after time 0, for
 * progress and for filling gaps; -1: no claim. */
int64_t claim_us(const struct claim *c);

/* Does claim_broken() need the packets of the other tracks? */
bool claim_needs_others(const struct claim *c);

/* The sound ended at sound_us, the longest track at last_us: is that more than
 * 0.5 % (at least 1 s) before the claimed end?  Then *claimed_us is that end.
 * All in microseconds after time 0. */
bool claim_broken(const struct claim *c, int64_t sound_us, int64_t last_us,
    int64_t *claimed_us);

#endif
