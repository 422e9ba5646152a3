/* copy.h - put the Layer III frames of packets into an MP3 without decoding.
 *
 * Each frame is parsed and checked, gets its place in time (timeline.h) and is
 * written by repack.h, so only valid frames come out.  Frames whose data is
 * lost become silence; those before the first whole frame are left out.  The
 * part that is wanted may begin at any sample: up to COPY_WARM frames before it
 * are kept, which a decoder needs first, and an empty frame with room for the
 * data of those.  The delay says how many samples of all that a player has to
 * skip.
 *
 * Silence in gaps is made of whole empty frames; the remainder is added to the
 * next gap.  Pure: does not use libav.
 */
#ifndef ENGINE_COPY_H
#define ENGINE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/coded.h"
#include "engine/framing.h"
#include "engine/repack.h"
#include "engine/timeline.h"

#define COPY_WARM 2		/* frames that a decoder needs before the first
				 * one wanted, at most */

/* Called once before the first frame; all frames are like f.  delay: samples
 * before the first wanted one when the MP3 is decoded.  -1 ends the job. */
typedef int copy_begin(void *arg, const struct v2m_frame *f, int delay,
    struct v2m_err *err);

/* Called for each frame with what was found before it, at_s seconds into the
 * sound. */
typedef void copy_jump(void *arg, const struct gaps_step *step, double at_s);

struct copy_sink {
	copy_begin *begin;
	repack_sink *frame;
	copy_jump *jump;
	void *arg;
};

/* The part that is wanted, in microseconds after time 0. */
struct copy_cut {
	int64_t from_us, to_us, most_us;	/* to_us -1: to the end;
						 * most_us: longest duration */
};

/* A packet of the demuxer. */
struct copy_packet {
	const uint8_t *bytes;
	size_t n;
	int64_t stamp_ns;	/* PTS after time 0, or COPY_NO_STAMP */
	int64_t front, behind;	/* samples to skip at its start and end */
	bool none;		/* all its samples are skipped */
	bool damaged;		/* its bytes cannot be relied on */
	enum gaps_mark mark;	/* see gaps.h */
};

#define COPY_NO_STAMP INT64_MIN

enum copy_result {
	COPY_ON,
	COPY_ENOUGH,		/* the wanted part is complete */
	COPY_CANNOT,		/* it must be decoded and encoded; `why` of
				 * struct copy says why */
};

struct copy {
	struct copy_sink sink;
	struct copy_cut cut;
	const char *why;
	struct framing framing;
	uint8_t *rest;		/* bytes of earlier packets after the last frame
				 * in them */
	size_t nrest;
	struct coded_reader reader;
	struct coded_row row;
	struct repack *repack;
	int samples;		/* per frame */
	struct coded empty;	/* a frame without main data */
	struct timeline time;
	struct copy_frame *first, *last;	/* wait for their place in
						 * time */
	int rate_hz;
	int64_t at;		/* samples so far, with silence */
	int64_t from;		/* start of the wanted part, in samples, */
	int64_t want;		/* and its length at most */
	int64_t skip;		/* samples still to skip */
	/* The last frames before the wanted part. */
	struct copy_early {
		struct coded c;
		uint8_t data[CODED_MOST];
	} early[COPY_WARM];
	int nearly;
	bool left_out;		/* there were more frames before those */
	bool idle;		/* this pass is useless, only the time line is
				 * still read */
	bool sounded;		/* a frame with samples has been placed */
	bool begun, ended;
	bool cut_short;		/* the sound is longer than most_us */
	int64_t delay;
	int64_t behind;		/* samples to skip at the end */
	int64_t owed;		/* samples of silence that did not fill a
				 * frame */
	int64_t frames, filled, damaged;
};

/* Set up *c; sink and cut are copied.  given: what an earlier pass found, or
 * NULL.  V2M_TEMP: out of memory. */
int copy_open(struct copy *c, const struct copy_sink *sink,
    const struct copy_cut *cut, const struct timeline_verdict *given,
    struct v2m_err *err);
void copy_close(struct copy *c);

/* Set what the container says about times.  Call it before the first packet
 * with sound; later it has no effect. */
void copy_facts(struct copy *c, const struct timeline_facts *facts);

/* Take the next packet.  Returns an enum copy_result, or -1: V2M_TEMP, or the
 * error of a sink function. */
int copy_packet(struct copy *c, const struct copy_packet *p,
    struct v2m_err *err);

/* Call it between packets: are all frames so far placed, none of them wanted,
 * and without steps in their time stamps?  Only then may packets be skipped. */
bool copy_steady(const struct copy *c);

/* Seconds from the current position to the wanted part. */
double copy_ahead_s(const struct copy *c);
void copy_pass(struct copy *c, int64_t samples);

/* No more packets come: place and write the frames that still wait.  Returns
 * what copy_packet() does. */
int copy_flush(struct copy *c, struct v2m_err *err);

/* After copy_flush(): must the file be read again, with *v as `given`? */
bool copy_misplaced(const struct copy *c, struct timeline_verdict *v);

/* After copy_flush(), complete the MP3.  COPY_ENOUGH: *samples is its length,
 * without the delay and what is skipped at the end.  COPY_CANNOT, or -1 as
 * copy_packet(). */
int copy_finish(struct copy *c, int64_t *samples, struct v2m_err *err);

/* The position after time 0 that has been reached, in microseconds. */
int64_t copy_reached_us(const struct copy *c);

#endif
