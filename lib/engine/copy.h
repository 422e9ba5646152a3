/* copy.h - Layer III packets in, the same frames laid out anew: no decoding,
 * no encoding.
 *
 * Each frame is taken apart and checked, put in its place in time, and laid
 * out by repack.h, so that nothing but valid frames comes out, whatever went
 * in.  Frames whose data is lost become silence; those before the first that
 * is whole are left out.  What is wanted of the sound may begin anywhere: a
 * frame or two before go with it, for the decoder to come into its stride, and
 * an empty one with room for the data that theirs needs.  How many samples a
 * player has to leave out then is the delay.
 *
 * Silence in gaps comes in whole frames, with what is left over carried on.
 * Pure logic: no libav.
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

#define COPY_WARM 2		/* frames, at most, a decoder needs first */

/* The sound begins: frames like this one follow.  Samples that precede the
 * first one wanted when the MP3 is decoded: delay. */
typedef int copy_begin(void *arg, const struct v2m_frame *f, int delay,
    struct v2m_err *err);

/* What is known of the time stamps at_s on the way. */
typedef void copy_jump(void *arg, const struct gaps_step *step, double at_s);

struct copy_sink {
	copy_begin *begin;
	repack_sink *frame;
	copy_jump *jump;
	void *arg;
};

/* What is wanted, in microseconds of the job's time; to -1: its end. */
struct copy_cut {
	int64_t from_us, to_us, most_us;	/* and so much at most */
};

/* A packet, as the demuxer has it. */
struct copy_packet {
	const uint8_t *bytes;
	size_t n;
	int64_t stamp_ns;	/* since time 0, or COPY_NO_STAMP */
	int64_t front, behind;	/* samples at its ends that are none */
	bool none;		/* all of them are none */
	bool damaged;		/* it is not to be believed */
	enum gaps_mark mark;	/* something begins with it */
};

#define COPY_NO_STAMP INT64_MIN

enum copy_result {
	COPY_ON,
	COPY_ENOUGH,		/* no more is wanted */
	COPY_CANNOT,		/* it has to be encoded: why says why */
};

struct copy {
	struct copy_sink sink;
	struct copy_cut cut;
	const char *why;
	struct framing framing;
	uint8_t *rest;		/* of earlier packets, with no frame in it */
	size_t nrest;
	struct coded_reader reader;
	struct coded_row row;
	struct repack *repack;
	int samples;		/* of a frame */
	struct coded empty;	/* one like it, with nothing in it */
	struct timeline time;
	struct copy_frame *first, *last;	/* whose places are in doubt */
	int rate_hz;
	int64_t at;		/* samples on the way so far, silence too */
	int64_t from;		/* the cut, in samples, */
	int64_t want;		/* and how many of them at most */
	int64_t skip;		/* samples that are none, still to come */
	/* Frames that come before what is wanted. */
	struct copy_early {
		struct coded c;
		uint8_t data[CODED_MOST];
	} early[COPY_WARM];
	int nearly;
	bool left_out;		/* there were more */
	bool idle;		/* it will be done again anyway */
	bool sounded;		/* a frame with sound has been placed */
	bool begun, ended;
	bool cut_short;		/* at most_us, and there would be more */
	int64_t delay;
	int64_t behind;		/* samples at the end that are none */
	int64_t owed;		/* silence that made no whole frame */
	int64_t frames, filled, damaged;
};

/* given: what a pass before found, or NULL. */
int copy_open(struct copy *c, const struct copy_sink *sink,
    const struct copy_cut *cut, const struct timeline_verdict *given,
    struct v2m_err *err);
void copy_close(struct copy *c);

/* What the container says, before the first packet. */
void copy_facts(struct copy *c, const struct timeline_facts *facts);

/* enum copy_result, or -1: V2M_TEMP, or the sink's own error. */
int copy_packet(struct copy *c, const struct copy_packet *p,
    struct v2m_err *err);

/* Between packets: is nothing of it wanted yet, and nothing in doubt? */
bool copy_steady(const struct copy *c);

/* How far it is from there to what is wanted; how many samples, whole frames,
 * do not come. */
double copy_ahead_s(const struct copy *c);
void copy_pass(struct copy *c, int64_t samples);

/* No more packets come: what is in doubt no longer is.  As copy_packet(). */
int copy_flush(struct copy *c, struct v2m_err *err);

/* After that: should all of this be done otherwise, as *v says? */
bool copy_misplaced(const struct copy *c, struct timeline_verdict *v);

/* After that.  COPY_ENOUGH: *samples are in the frames, delay and
 * what is left over at the end not counted.  COPY_CANNOT; -1. */
int copy_finish(struct copy *c, int64_t *samples, struct v2m_err *err);

/* Where in the job's time it has come to. */
int64_t copy_reached_us(const struct copy *c);

#endif
