#include "engine/gaps.h"

#include <stdlib.h>
#include <string.h>

/* A window has at least so many packets and so much time, within the limits
 * below. */
#define WINDOW_PACKETS 8
#define WINDOW_S 0.1
#define WINDOW_MOST_S 2.0
#define WINDOW_BYTES (8 << 20)
#define WINDOW_ITEMS (1 << 15)	/* packets, at most */
/* A step is at least this part of a packet, within limits. */
#define STEP_PART 0.5
#define STEP_LEAST_S 0.002
#define STEP_LARGEST_S 0.1
#define DEBT_MOST_S 2.0
#define DEBT_LAPSE_S 60.0
#define GAP_MOST_S 600.0	/* largest gap without a claim */
#define SOUND_TIMES 20		/* times the sound: silence, at most */
#define MARKED_MOST_S 10.0
#define STRETCHED 5		/* packets: shorter steps may be wrong PTS */
#define EPSILON 1e-6

struct gaps_item {
	struct gaps_packet p;
	double at_s;		/* sound before the packet */
	double offset_s;	/* set once it is decided */
};

/* The packets before or after a packet. */
struct window {
	int n;			/* packets with a PTS */
	int many;		/* of them with a small step before */
	double least, most;	/* of their offsets */
};

static double
room(double claim_s)
{
	return fmax(0.25, 0.01 * claim_s);
}

static void
add_ledger(struct gaps *g, double claim_s)
{
	int at = g->nledger;

	while (at > 0 && g->ledger[at - 1].claim_s < claim_s)
		at--;
	memmove(&g->ledger[at + 1], &g->ledger[at],
	    (size_t)(g->nledger - at) * sizeof g->ledger[0]);
	g->ledger[at] = (struct gaps_ledger){
		.claim_s = claim_s,
		.bound_s = claim_s > 0 ? claim_s + room(claim_s) : -1,
	};
	g->nledger++;
}

void
gaps_init(struct gaps *g, const double *claims_s, int n)
{
	memset(g, 0, sizeof *g);
	for (int i = 0; i < n && g->nledger < GAPS_CLAIMS; i++)
		if (claims_s[i] > 0)
			add_ledger(g, claims_s[i]);
	add_ledger(g, -1);
}

void
gaps_init_again(struct gaps *g, const struct gaps_verdict *v)
{
	memset(g, 0, sizeof *g);
	add_ledger(g, v->claim_s > 0 ? v->claim_s : -1);
	g->nothing = v->nothing;
}

void
gaps_release(struct gaps *g)
{
	free(g->ring);
	free(g->offsets);
	g->ring = NULL;
	g->offsets = NULL;
	g->room = 0;
}

static struct gaps_item *
item(const struct gaps *g, int64_t i)
{
	return &g->ring[i & (g->room - 1)];
}

static bool
stamped(const struct gaps *g, int64_t i)
{
	return i >= g->first && !isnan(item(g, i)->p.stamp_s);
}

/* PTS minus the sound before the packet. */
static double
raw(const struct gaps *g, int64_t i)
{
	return item(g, i)->p.stamp_s - item(g, i)->at_s;
}

/* Move the ring to one with room for so many packets. */
static int
set_room(struct gaps *g, uint32_t room, struct v2m_err *err)
{
	struct gaps_item *ring = malloc(room * sizeof *ring);
	double *offsets = malloc(room * sizeof *offsets);

	if (ring == NULL || offsets == NULL) {
		free(ring);
		free(offsets);
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	for (int64_t i = g->first; i < g->end; i++)
		ring[i & (room - 1)] = *item(g, i);
	free(g->ring);
	free(g->offsets);
	g->ring = ring;
	g->offsets = offsets;
	g->room = room;
	return 0;
}

static int
grow_ring(struct gaps *g, struct v2m_err *err)
{
	return set_room(g, g->room == 0 ? 64 : 2 * g->room, err);
}

int
gaps_copy(struct gaps *to, const struct gaps *g, struct v2m_err *err)
{
	struct gaps copy = *g;

	copy.first = copy.end;
	copy.ring = NULL;
	copy.offsets = NULL;
	if (g->room > 0 && set_room(&copy, g->room, err) < 0)
		return -1;
	copy.first = g->first;
	for (int64_t i = g->first; i < g->end; i++)
		*item(&copy, i) = *item(g, i);
	*to = copy;
	return 0;
}

int
gaps_add(struct gaps *g, const struct gaps_packet *p, struct v2m_err *err)
{
	if (g->end - g->first == g->room && grow_ring(g, err) < 0)
		return -1;
	*item(g, g->end) = (struct gaps_item){ .p = *p, .at_s = g->sound_s };
	if (!isnan(p->stamp_s)) {
		if (!g->has_stamps)
			g->first_s = g->last_s = p->stamp_s;
		g->has_stamps = true;
		g->last_s = fmax(g->last_s, p->stamp_s);
	}
	g->end++;
	gaps_pass(g, p->length_s);
	return 0;
}

void
gaps_pass(struct gaps *g, double sound_s)
{
	g->sound_s += sound_s;
	/* Claims that the sound has passed are wrong. */
	while (g->nledger > 1 && g->now < g->nledger - 1 &&
	    g->sound_s > g->ledger[g->now].claim_s + 1)
		g->now++;
}

void
gaps_finish(struct gaps *g)
{
	g->finished = true;
}

static double
step_of(const struct gaps *g, int64_t i)
{
	double length = item(g, i)->p.length_s;

	if (i > g->first)
		length = fmax(length, item(g, i - 1)->p.length_s);
	return fmax(fmin(STEP_PART * length, STEP_LARGEST_S), STEP_LEAST_S) +
	    EPSILON;
}

/* Is there a step before packet i, of a few packets' length? */
static bool
small_step(const struct gaps *g, int64_t i)
{
	double by;

	if (i == 0 || !stamped(g, i - 1))
		return false;
	by = raw(g, i) - raw(g, i - 1);
	return by > step_of(g, i) && by < STRETCHED * item(g, i)->p.length_s;
}

/* Does the window end before packet `next`, with `seen` packets in it? */
static bool
is_window_full(const struct window *w, const struct gaps_packet *next, int seen,
    double sound, int64_t bytes)
{
	if (w->n >= WINDOW_PACKETS && sound >= WINDOW_S - EPSILON)
		return true;
	if (seen >= WINDOW_ITEMS)
		return true;
	/* It needs a packet with a PTS, within limits. */
	if (w->n == 0)
		return sound > WINDOW_MOST_S || bytes > WINDOW_BYTES;
	return sound + next->length_s > WINDOW_MOST_S ||
	    bytes + next->bytes > WINDOW_BYTES;
}

/* Look at the packets after g->next.  false: more packets are needed. */
static bool
look_ahead(const struct gaps *g, struct window *w)
{
	double sound = 0;
	int64_t bytes = 0, from = g->next + 1;

	*w = (struct window){ .least = INFINITY, .most = -INFINITY };
	for (int64_t i = from; i < g->end; i++) {
		const struct gaps_packet *p = &item(g, i)->p;

		if (p->mark != GAPS_UNMARKED ||
		    is_window_full(w, p, (int)(i - from), sound, bytes))
			return true;
		if (stamped(g, i)) {
			double offset = raw(g, i) - g->shift_s;

			w->n++;
			w->many += small_step(g, i);
			w->least = fmin(w->least, offset);
			w->most = fmax(w->most, offset);
		}
		sound += p->length_s;
		bytes += p->bytes;
	}
	return g->finished || (w->n >= WINDOW_PACKETS &&
	    sound >= WINDOW_S - EPSILON);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of n values; the upper one of two. */
static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

/* The median offset of the packets before g->next. */
static double
look_back(const struct gaps *g, struct window *w)
{
	double sound = 0;
	int64_t bytes = 0, from = g->next - 1;

	*w = (struct window){ .n = 0 };
	for (int64_t i = from; i >= g->first && i >= g->floor; i--) {
		const struct gaps_packet *p = &item(g, i)->p;

		if (is_window_full(w, p, (int)(from - i), sound, bytes))
			break;
		if (stamped(g, i)) {
			w->many += small_step(g, i);
			g->offsets[w->n++] = item(g, i)->offset_s;
		}
		sound += p->length_s;
		bytes += p->bytes;
	}
	return w->n > 0 ? median(g->offsets, w->n) : g->previous_s;
}

static bool
stamps_wrong(const struct window *w)
{
	return w->many >= fmax(1, 0.75 * w->n);
}

/* How much of a gap a claim lets be filled; below 0: it is a jump. */
static double
fill_by(struct gaps_ledger *l, const struct gaps_item *it, double gap)
{
	double fill;

	if (it->p.mark == GAPS_LINK ||
	    (it->p.mark != GAPS_UNMARKED && gap > MARKED_MOST_S) ||
	    (it->p.mark == GAPS_UNMARKED && l->bound_s < 0 &&
	    gap > GAP_MOST_S) ||
	    (l->bound_s >= 0 && it->at_s + l->filled_s + gap > l->bound_s))
		return -1;
	fill = fmax(0, gap - l->debt_s);
	l->debt_s = fmax(0, l->debt_s - gap);
	l->filled_s += fill;
	return fill;
}

static void
fill_gap(struct gaps *g, const struct gaps_item *it, double gap,
    struct gaps_step *step)
{
	double by[GAPS_CLAIMS + 1] = { 0 }, done;

	for (int i = 0; i < g->nledger; i++)
		by[i] = fill_by(&g->ledger[i], it, gap);
	done = by[g->now];
	if (done < 0) {
		step->jump_s = gap;
	} else if (g->nothing == GAPS_FILLED) {
		step->fill_s = done;
		g->filled_s += done;
	}
	for (int i = 0; i < g->nledger; i++)
		g->ledger[i].differs |=
		    fabs(fmax(0, by[i]) - fmax(0, done)) > EPSILON;
}

static void
step_forward(struct gaps *g, double gap, const struct window *ahead,
    const struct window *back, struct gaps_step *step)
{
	const struct gaps_item *it = item(g, g->next);

	g->shift_s += gap;
	if (item(g, g->next - 1)->p.quiet) {
		step->fill_s = gap;
		step->quiet = true;
		g->quiet_s += gap;
		return;
	}
	g->steps++;
	if (gap < STRETCHED * it->p.length_s &&
	    (stamps_wrong(ahead) || stamps_wrong(back)))
		return;
	fill_gap(g, it, gap, step);
}

static void
step_back(struct gaps *g, double fall, struct gaps_step *step)
{
	const struct gaps_item *it = item(g, g->next);
	bool jump = it->p.mark != GAPS_UNMARKED || fall > DEBT_MOST_S;

	g->steps++;
	g->floor = g->next;
	if (jump)
		step->jump_s = -fall;
	for (int i = 0; i < g->nledger; i++) {
		struct gaps_ledger *l = &g->ledger[i];

		l->debt_s = jump ? 0 : fmin(DEBT_MOST_S, l->debt_s + fall);
		l->debt_at_s = it->at_s;
	}
}

static void
lapse(struct gaps *g, double at_s)
{
	for (int i = 0; i < g->nledger; i++)
		if (at_s - g->ledger[i].debt_at_s > DEBT_LAPSE_S)
			g->ledger[i].debt_s = 0;
}

/* Decide g->next, whose offset differs from that of the packet before.  false:
 * more packets are needed. */
static bool
judge(struct gaps *g, double here, struct gaps_step *step)
{
	struct window ahead, back;
	double usual, high, low, least = step_of(g, g->next);

	if (!look_ahead(g, &ahead))
		return false;
	usual = look_back(g, &back);
	high = fmax(usual, g->previous_s);
	low = fmin(usual, g->previous_s);
	if (here - high > least && ahead.n > 0 && ahead.least - high > least)
		step_forward(g, here - high, &ahead, &back, step);
	else if (low - here > least &&
	    (item(g, g->next)->p.mark != GAPS_UNMARKED ||
	    (ahead.n > 0 && low - ahead.most > least)))
		step_back(g, low - here, step);
	return true;
}

/* Drop the packets that no later window needs. */
static void
forget_packets(struct gaps *g)
{
	int64_t keep = g->next, bytes = 0;
	double sound = 0;
	int n = 0;

	while (keep > g->first && (n <= WINDOW_PACKETS || sound < WINDOW_S) &&
	    (n == 0 || (sound <= WINDOW_MOST_S && bytes <= WINDOW_BYTES)) &&
	    g->next - keep <= WINDOW_ITEMS) {
		keep--;
		n += stamped(g, keep);
		sound += item(g, keep)->p.length_s;
		bytes += item(g, keep)->p.bytes;
	}
	/* Keep one more, to see whether the first is a step. */
	if (keep > g->first)
		g->first = keep - 1;
}

bool
gaps_next(struct gaps *g, struct gaps_step *step)
{
	struct gaps_item *it;
	double here;

	*step = (struct gaps_step){ .fill_s = 0 };
	if (g->next == g->end)
		return false;
	it = item(g, g->next);
	step->mark = it->p.mark;
	if (stamped(g, g->next)) {
		here = raw(g, g->next) - g->shift_s;
		lapse(g, it->at_s);
		if (g->has_previous &&
		    fabs(here - g->previous_s) > step_of(g, g->next) &&
		    !judge(g, here, step))
			return false;
		it->offset_s = g->previous_s = raw(g, g->next) - g->shift_s;
		g->has_previous = true;
	}
	g->next++;
	if (g->end - g->first == g->room)
		forget_packets(g);
	return true;
}

/* The longest claim that makes sense, or the entry for none. */
static const struct gaps_ledger *
settle_claim(const struct gaps *g)
{
	double last = fmax(g->last_s - g->first_s, 1);

	for (int i = 0; i < g->nledger - 1; i++)
		if (g->sound_s <= g->ledger[i].claim_s + 1 &&
		    g->ledger[i].claim_s <= 10 * last)
			return &g->ledger[i];
	return &g->ledger[g->nledger - 1];
}

bool
gaps_decided(const struct gaps *g)
{
	return g->next == g->end;
}

bool
gaps_end(const struct gaps *g, struct gaps_verdict *v)
{
	const struct gaps_ledger *l = settle_claim(g);

	*v = (struct gaps_verdict){ .claim_s = l->claim_s };
	if (l->filled_s > 0 && (double)g->steps > (double)g->end / 2)
		v->nothing = GAPS_SENSELESS;
	else if (l->filled_s > 0 && l->bound_s >= 0 &&
	    g->sound_s + l->filled_s > l->bound_s)
		v->nothing = GAPS_TOO_LONG;
	else if (l->filled_s > fmax(GAP_MOST_S, SOUND_TIMES * g->sound_s))
		v->nothing = GAPS_TOO_MUCH;
	return v->nothing != GAPS_FILLED ? g->filled_s > 0 : l->differs;
}

bool
gaps_too_much(const struct gaps *g)
{
	return g->filled_s > fmax(GAP_MOST_S, SOUND_TIMES * g->sound_s);
}

double
gaps_much(const struct gaps *g)
{
	double all = g->sound_s + g->filled_s;

	return g->filled_s > fmax(1, 0.01 * all) ? g->filled_s : 0;
}

double
gaps_front(double start_s, double sound_s, double total_s)
{
	double most = total_s > 0 ? total_s - sound_s + room(total_s) :
	    GAP_MOST_S;

	return start_s > 0 && start_s <= most ? start_s : 0;
}
