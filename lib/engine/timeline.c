#include "engine/timeline.h"

#include <string.h>

#define DECODER_MOST_S 0.25	/* the most that a decoder does not yield */
#define SAME_S 1e-6

void
timeline_init(struct timeline *t, const struct timeline_facts *facts,
    const struct timeline_verdict *given)
{
	memset(t, 0, sizeof *t);
	t->facts = *facts;
	if (given != NULL)
		t->given = *given;
}

void
timeline_release(struct timeline *t)
{
	gaps_release(&t->gaps);
}

/* Silence before sound of this duration. */
static double
front(const struct timeline *t, double sound_s)
{
	return gaps_front(t->start_s, sound_s, t->facts.total_s);
}

void
timeline_begin(struct timeline *t, double start_s)
{
	double claims_s[GAPS_CLAIMS];

	t->begun = true;
	/* A sound that starts at time 0 stays there if its decoder yields
	 * nothing for the first packet. */
	if (isnan(start_s) || start_s < 0 ||
	    (t->facts.early && start_s < DECODER_MOST_S))
		start_s = 0;
	t->start_s = start_s;
	for (int i = 0; i < t->facts.nends; i++)
		claims_s[i] = t->facts.ends_s[i] - start_s;
	if (t->given.known) {
		gaps_init_again(&t->gaps, &t->given.gaps);
		t->front_s = t->given.front_s;
	} else {
		gaps_init(&t->gaps, claims_s, t->facts.nends);
		t->front_s = front(t, fmax(0, t->facts.own_s - start_s));
	}
}

bool
timeline_end(const struct timeline *t, struct timeline_verdict *v)
{
	bool otherwise;

	if (!t->begun || t->given.known)
		return false;
	v->known = true;
	otherwise = gaps_end(&t->gaps, &v->gaps);
	v->front_s = front(t, t->gaps.sound_s);
	return otherwise || fabs(v->front_s - t->front_s) > SAME_S;
}

bool
timeline_doubtful(const struct timeline *t)
{
	return !t->given.known && gaps_too_much(&t->gaps);
}
