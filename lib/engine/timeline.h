/* timeline.h - the silence before each packet of a sound, from time 0 on:
 * gaps.h, and the silence before the first packet.
 *
 * A pass begins with what the container states; its end may show that the whole
 * must be done again with a verdict (timeline_end()), which is given to the
 * next pass.  Times are in seconds.  Pure.
 */
#ifndef ENGINE_TIMELINE_H
#define ENGINE_TIMELINE_H

#include "engine/gaps.h"

/* What the container states, in seconds after time 0. */
struct timeline_facts {
	double ends_s[GAPS_CLAIMS];	/* ends of the sound, by all claims */
	int nends;
	double own_s;		/* end of the track, by its own claim; below 0:
				 * none */
	double total_s;		/* end of the rest of the file; below 0: none */
	bool early;		/* the sound's first packet is at time 0 */
};

struct timeline_verdict {
	bool known;
	double front_s;
	struct gaps_verdict gaps;
};

struct timeline {
	struct timeline_facts facts;
	struct timeline_verdict given;
	struct gaps gaps;
	bool begun;
	double start_s;		/* start of the first sound after time 0 */
	double front_s;		/* silence before it */
};

/* given: the verdict of the pass before, or NULL. */
void timeline_init(struct timeline *t, const struct timeline_facts *facts,
    const struct timeline_verdict *given);
void timeline_release(struct timeline *t);

/* The first sample that is kept is at start_s, or GAPS_NO_STAMP. */
void timeline_begin(struct timeline *t, double start_s);

/* When all packets are decided: true if another pass is needed, with *v as
 * given. */
bool timeline_end(const struct timeline *t, struct timeline_verdict *v);

/* Is it already so much silence that another pass will be needed? */
bool timeline_doubtful(const struct timeline *t);

#endif
