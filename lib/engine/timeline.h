/* timeline.h - what silence comes before each packet of a sound, from time 0
 * on: gaps.h, and what comes before the first.
 *
 * A pass begins with what the container says; at its end it may show that the
 * whole should have been done otherwise (timeline_end), which the next pass is
 * given then.  Times are in seconds.  Pure.
 */
#ifndef ENGINE_TIMELINE_H
#define ENGINE_TIMELINE_H

#include "engine/gaps.h"

/* What the container says; times since time 0. */
struct timeline_facts {
	double ends_s[GAPS_CLAIMS];	/* of sound, by all good claims */
	int nends;
	double own_s;		/* of the track's own; below 0: none */
	double total_s;		/* of what is not this track; below 0 */
	bool early;		/* its first packet comes at time 0 */
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
	double start_s;		/* of the first sound, behind time 0 */
	double front_s;		/* silence before it */
};

/* given: of the pass before, or NULL. */
void timeline_init(struct timeline *t, const struct timeline_facts *facts,
    const struct timeline_verdict *given);
void timeline_release(struct timeline *t);

/* The first sample that is heard stands at start_s, or at GAPS_NO_STAMP. */
void timeline_begin(struct timeline *t, double start_s);

/* When all packets are decided: true when the whole should be done otherwise,
 * as *v says. */
bool timeline_end(const struct timeline *t, struct timeline_verdict *v);

/* So much silence for so little sound that most likely it will have to be done
 * otherwise? */
bool timeline_doubtful(const struct timeline *t);

#endif
