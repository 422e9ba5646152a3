/* gaps.h - find where sound is missing, by the PTS of its packets.
 *
 * A packet's offset is its PTS minus all sound and silence before it.  Offsets
 * that drift (jitter, a fast clock) mean nothing: silence is inserted only
 * where the offset makes a step forward and keeps it, and only as much as the
 * file says is missing.  Where PTS step back, the sound simply continues: a
 * small step back is a debt, which reduces what later gaps are filled with; a
 * large one is a jump.
 *
 * Packets are added in the order of the file, and for each it is decided how
 * much silence comes before it: mostly at once; at a possible step once the
 * packets after it (100 ms of sound, 2 s at most) are there.  Only at the end
 * can a stated duration (claim) be compared with the sound.  Until then the
 * longest claim counts that the sound has not passed.  At the end gaps_end()
 * says whether, with all that is known then, something else should have been
 * inserted; then the file is read again, with that verdict.
 *
 * Times are in seconds.  Memory is bounded by the two windows of packets before
 * and after a step.  Pure: does not use libav.
 */
#ifndef ENGINE_GAPS_H
#define ENGINE_GAPS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define GAPS_NO_STAMP NAN
#define GAPS_CLAIMS 8		/* claims that are used */

enum gaps_mark {
	GAPS_UNMARKED,
	GAPS_MARKED,		/* a new PMT */
	GAPS_LINK,		/* a new link of a chained Ogg */
};

/* Are gaps filled?  If not, why? */
enum gaps_nothing {
	GAPS_FILLED,		/* they are */
	GAPS_SENSELESS,		/* most PTS do not follow the one before */
	GAPS_TOO_LONG,		/* more than the claim allows */
	GAPS_TOO_MUCH,		/* too much silence for so little sound */
};

struct gaps_packet {
	double stamp_s;		/* after time 0, or GAPS_NO_STAMP */
	double length_s;	/* of the decoded sound */
	int64_t bytes;
	enum gaps_mark mark;	/* what begins with it */
	bool quiet;		/* it says that silence may follow */
};

/* What was found before a packet. */
struct gaps_step {
	double fill_s;		/* silence to insert */
	double jump_s;		/* PTS jump by this; nothing is inserted */
	bool quiet;		/* the codec announced this silence */
	enum gaps_mark mark;	/* mark of the packet */
};

/* The result of a pass, for the next one. */
struct gaps_verdict {
	double claim_s;		/* the claim that counts; below 0: none */
	enum gaps_nothing nothing;
};

/* What would be inserted if one of the claims were right. */
struct gaps_ledger {
	double claim_s, bound_s;	/* below 0: none */
	double filled_s, debt_s, debt_at_s;
	bool differs;		/* something else was inserted */
};

struct gaps_item;

struct gaps {
	struct gaps_ledger ledger[GAPS_CLAIMS + 1];	/* longest claim first,
							 * the last is none */
	int nledger, now;
	enum gaps_nothing nothing;	/* as in the verdict given */
	struct gaps_item *ring;
	double *offsets;	/* scratch space for a window */
	uint32_t room;
	int64_t first, next, end;	/* packet numbers: kept from, undecided
					 * from, added */
	int64_t floor;		/* the window before a step begins here */
	bool finished, has_stamps, has_previous;
	double previous_s, shift_s;
	double sound_s;		/* of all packets added */
	double first_s, last_s;	/* lowest and highest PTS */
	double filled_s, quiet_s;	/* inserted; of the codec's own
					 * silence */
	int64_t steps;
};

/* claims_s: durations of the sound from its first sample on, as the file states
 * them.  Those not above 0 are ignored. */
void gaps_init(struct gaps *g, const double *claims_s, int n);
/* For another pass: by what gaps_end() found. */
void gaps_init_again(struct gaps *g, const struct gaps_verdict *v);
void gaps_release(struct gaps *g);
/* Make *to a copy of *g, to be released by itself.  V2M_TEMP: out of memory. */
int gaps_copy(struct gaps *to, const struct gaps *g, struct v2m_err *err);

/* Add a packet.  V2M_TEMP: out of memory. */
int gaps_add(struct gaps *g, const struct gaps_packet *p, struct v2m_err *err);

/* So much sound is skipped by a seek, with no gaps in it.  All packets added
 * must be decided. */
void gaps_pass(struct gaps *g, double sound_s);

/* No more packets will be added. */
void gaps_finish(struct gaps *g);

/* Decide the next packet.  false: that takes more packets, or there is none. */
bool gaps_next(struct gaps *g, struct gaps_step *step);

/* Are all packets added decided? */
bool gaps_decided(const struct gaps *g);

/* When all packets are decided: *v is what counts.  true: something else was
 * inserted, so another pass is needed. */
bool gaps_end(const struct gaps *g, struct gaps_verdict *v);

/* Is it already too much silence for so little sound? */
bool gaps_too_much(const struct gaps *g);

/* The inserted silence in seconds, without the codec's own, if it is so much (1
 * s and 1 %) that the user should be told; else 0. */
double gaps_much(const struct gaps *g);

/* Silence before the first sound, which begins start_s after time 0 and lasts
 * sound_s, in a file that ends at total_s (below 0: not known). */
double gaps_front(double start_s, double sound_s, double total_s);

#endif
