/* gaps.h - where sound is missing, by the time stamps of its packets.
 *
 * A packet's offset is its stamp less all sound and silence that was put out
 * before it.  Offsets that wander (jitter, a clock that runs fast) mean
 * nothing: silence is put only where the offset makes a step and keeps it, and
 * only so much as the file says is missing.  Stamps that go back are sound that
 * goes on: a small step back is a debt that later gaps are filled less by, a
 * large one a jump.
 *
 * Packets go in, in the order of the file, and what is to be put before each
 * comes out, most of the time at once; where there may be a step, when the
 * packets after it (100 ms of sound, 2 s at most) are there too.  What a file
 * claims of its length can be held against the sound only at the end: until
 * then the longest claim is believed that the sound has not passed, and
 * gaps_end() says whether with all that is known by then anything would have
 * been put out otherwise.  Then the whole is done anew by what it found.
 *
 * Times are in seconds.  Pure: no libav in here.  Memory is bounded by the two
 * windows of packets before and behind a step.
 */
#ifndef ENGINE_GAPS_H
#define ENGINE_GAPS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define GAPS_NO_STAMP NAN
#define GAPS_CLAIMS 8		/* that are looked at */

enum gaps_mark {
	GAPS_UNMARKED,
	GAPS_MARKED,		/* a new PMT, a discontinuity flag */
	GAPS_LINK,		/* a new link of a chained Ogg */
};

/* Why nothing is filled. */
enum gaps_nothing {
	GAPS_FILLED,		/* it is */
	GAPS_SENSELESS,		/* most packets do not follow the last */
	GAPS_TOO_LONG,		/* for the claim */
	GAPS_TOO_MUCH,		/* for so little sound */
};

struct gaps_packet {
	double stamp_s;		/* since time 0; or GAPS_NO_STAMP */
	double length_s;	/* of all the sound that it decodes to */
	int64_t bytes;
	enum gaps_mark mark;	/* something begins with it */
	bool quiet;		/* the codec says that silence may follow */
};

/* What comes before a packet, and before any other that is decided. */
struct gaps_step {
	double fill_s;		/* so much silence */
	double jump_s;		/* stamps jump by this, to no effect */
	bool quiet;		/* it is the codec's own silence */
	enum gaps_mark mark;	/* of the packet */
};

/* What the end of one pass tells the next. */
struct gaps_verdict {
	double claim_s;		/* the claim that counts; below 0: none */
	enum gaps_nothing nothing;
};

/* What one of the claims makes of the steps. */
struct gaps_ledger {
	double claim_s, bound_s;	/* below 0: none */
	double filled_s, debt_s, debt_at_s;
	bool differs;		/* something else was put out */
};

struct gaps_item;

struct gaps {
	struct gaps_ledger ledger[GAPS_CLAIMS + 1];	/* longest first */
	int nledger, now;
	enum gaps_nothing nothing;	/* as in the verdict */
	struct gaps_item *ring;
	double *offsets;	/* room for those of a window */
	uint32_t room;
	int64_t first, next, end;	/* kept; undecided; all that came */
	int64_t floor;		/* steps back end the window before */
	bool finished, has_stamps, has_previous;
	double previous_s, shift_s;
	double sound_s;		/* of all packets that came */
	double first_s, last_s;	/* stamps */
	double filled_s, quiet_s;	/* what was put out; the codec's */
	int64_t steps;
};

/* claims: what the file says of the sound's length from its first sample on,
 * as many as there are; what is not above 0 is none. */
void gaps_init(struct gaps *g, const double *claims_s, int n);
/* The same once more, by what gaps_end() found. */
void gaps_init_again(struct gaps *g, const struct gaps_verdict *v);
void gaps_release(struct gaps *g);
/* Another one that is like it.  V2M_TEMP: out of memory. */
int gaps_copy(struct gaps *to, const struct gaps *g, struct v2m_err *err);

/* A packet.  V2M_TEMP: out of memory. */
int gaps_add(struct gaps *g, const struct gaps_packet *p, struct v2m_err *err);

/* So much sound is left out, which had no gaps: all that came are decided. */
void gaps_pass(struct gaps *g, double sound_s);

/* No more will come. */
void gaps_finish(struct gaps *g);

/* What comes before the next packet, of those that were added.  false: it
 * takes more packets to tell, or there is none. */
bool gaps_next(struct gaps *g, struct gaps_step *step);

/* Are all that came decided? */
bool gaps_decided(const struct gaps *g);

/* When all are decided: what should have been done.  true: something else was
 * done. */
bool gaps_end(const struct gaps *g, struct gaps_verdict *v);

/* Is it more silence than so much sound, so far, can have? */
bool gaps_too_much(const struct gaps *g);

/* How far what was filled inside the sound, the codec's own silence apart,
 * exceeds what a listener should be told of: 0, or the sum. */
double gaps_much(const struct gaps *g);

/* Silence before the first sound, which comes start_s behind time 0 and lasts
 * sound_s, in a file that ends at total_s (below 0: it is not known). */
double gaps_front(double start_s, double sound_s, double total_s);

#endif
