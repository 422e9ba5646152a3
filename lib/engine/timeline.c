#include "engine/timeline.h"

#define GAP_MOST_S 600		/* of silence at a time; and the least that is
				 * allowed in total */
#define LEAST_PER_S 20		/* a 20th of a second is ignored always */
#define FAR (INT64_C(1) << 58)	/* beyond any honest stamp */

/* How much silence may still be put in. */
static int64_t
silence_left(const struct timeline *t)
{
	int64_t most = (int64_t)t->rate_hz * GAP_MOST_S;

	if (t->claim >= 0 && t->claim - (t->at - t->filled) > most)
		most = t->claim - (t->at - t->filled);
	return most - t->filled;
}

enum timeline_step
timeline_place(struct timeline *t, int64_t stamp, int64_t n, int64_t *samples)
{
	int64_t ignored = t->rate_hz / LEAST_PER_S;
	int64_t packet = n > t->last ? n : t->last, ahead;
	enum timeline_step step = TIMELINE_FOLLOWS;

	*samples = 0;
	t->last = n;
	if (ignored < 2 * packet)
		ignored = 2 * packet;
	if (stamp == TIMELINE_NO_STAMP)
		goto out;
	if (stamp > FAR)
		stamp = FAR;
	if (stamp < -FAR)
		stamp = -FAR;
	ahead = stamp - t->shift - t->at;
	if (ahead >= -ignored && ahead <= ignored)
		goto out;
	*samples = ahead;
	if (ahead > 0 && ahead <= (int64_t)t->rate_hz * GAP_MOST_S &&
	    ahead <= silence_left(t)) {
		step = TIMELINE_FILL;
		t->filled += ahead;
		t->at += ahead;
	} else {
		step = TIMELINE_JUMP;
		t->shift += ahead;
	}
out:
	t->at += n;
	return step;
}

/* n * to / from, for any n that a clock can show. */
static int64_t
scale(int64_t n, int to, int from)
{
	return n / from * to + n % from * to / from;
}

void
timeline_change_rate(struct timeline *t, int rate_hz)
{
	t->at = scale(t->at, rate_hz, t->rate_hz);
	t->filled = scale(t->filled, rate_hz, t->rate_hz);
	t->shift = scale(t->shift, rate_hz, t->rate_hz);
	t->last = scale(t->last, rate_hz, t->rate_hz);
	if (t->claim >= 0)
		t->claim = scale(t->claim, rate_hz, t->rate_hz);
	t->rate_hz = rate_hz;
}
