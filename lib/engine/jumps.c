#include "engine/jumps.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "engine/report.h"

#define DRIFT_S 0.5
#define LEFT_OUT_S 1.0

void
jumps_note(struct jumps *j, const struct gaps_step *step, double at_s)
{
	double by = step->jump_s;

	/* Clocks drift: a small step back loses no sound. */
	if (by == 0 || (by < 0 && by > -DRIFT_S))
		return;
	if (by < 0 && step->mark == GAPS_LINK) {
		if (j->links++ == 0)
			j->link_s = at_s;
		return;
	}
	j->forward = j->forward || by > 0;
	if (j->n < JUMPS_TOLD) {
		j->first[j->n].by_s = by;
		j->first[j->n].at_s = at_s;
	}
	j->n++;
}

static void
tell_jumps(const struct jumps *j)
{
	char place[32];

	for (unsigned i = 0; i < j->n && i < JUMPS_TOLD; i++) {
		double by = j->first[i].by_s, far = fabs(by);

		v2m_text_duration(place, (int64_t)(j->first[i].at_s * 1000));
		report_warning("time stamps jump %s by %.*f s at %s: "
		    "the sound continues without a gap",
		    by < 0 ? "back" : "forward", far < 100 ? 2 : 0, far,
		    place);
	}
	if (j->n > JUMPS_TOLD)
		report_warning("%u further jumps of the time stamps",
		    j->n - JUMPS_TOLD);
}

/* PTS of each link of a chained Ogg begin at 0; no sound is lost. */
static void
tell_links(const struct jumps *j)
{
	char place[32], more[32] = "";

	if (j->links == 0)
		return;
	if (j->links > 1)
		snprintf(more, sizeof more, " and %u times more", j->links - 1);
	report_note("its time stamps start again at %s%s: the sound continues "
	    "without a gap", v2m_text_duration(place,
	    (int64_t)(j->link_s * 1000)), more);
}

static void
tell_nothing(enum gaps_nothing why)
{
	switch (why) {
	case GAPS_FILLED:
		break;
	case GAPS_SENSELESS:	/* no sound is lost */
		report_note("its time stamps make no sense: they were not "
		    "used");
		break;
	case GAPS_TOO_LONG:
		report_warning("by its time stamps sound is missing, but "
		    "silence instead would make it longer than the file says: "
		    "the sound continues without a gap");
		break;
	case GAPS_TOO_MUCH:
		report_warning("by its time stamps far more sound is missing "
		    "than there is: the sound continues without a gap");
		break;
	}
}

void
jumps_tell(const struct jumps *j, const struct timeline *t)
{
	double much = t->begun ? gaps_much(&t->gaps) : 0;

	if (t->start_s > LEFT_OUT_S && t->front_s <= 0)
		report_warning("the sound begins %.1f s late by its time "
		    "stamps: no silence is put before it", t->start_s);
	tell_jumps(j);
	tell_links(j);
	tell_nothing(t->gaps.nothing);
	if (much > 0)
		report_warning("%.2f s of sound were missing and are silence",
		    much);
}
