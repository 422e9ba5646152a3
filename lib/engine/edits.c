#include "engine/edits.h"

#include <stdlib.h>
#include <string.h>

/* Does an edit continue where the last one ends, in media and movie? */
static bool
goes_on(const struct edits *e, int64_t media, double now_s)
{
	return e->n > 0 && e->end_s >= 0 && now_s <= e->end_s &&
	    llabs(media - e->e[e->n - 1].to) <= e->slack;
}

/* Add an entry of the list; media -1: an empty edit. */
static void
add_edit(struct edits *e, uint64_t duration, int64_t media, double film_unit_s,
    double *now_s)
{
	double length_s = (double)duration * film_unit_s;
	int64_t to = duration == 0 ? INT64_MAX :
	    media + (int64_t)(length_s / e->unit_s + 0.5);

	if (media < 0) {
		e->ours |= e->n > 0;
		*now_s += length_s;
		return;
	}
	if (e->n == 0)
		e->first_s = *now_s;
	if (goes_on(e, media, *now_s))
		e->e[e->n - 1].to = to;
	else
		e->e[e->n++] = (struct edit){ *now_s, media, to };
	e->ours |= e->n > 1 || duration == 0;
	*now_s += length_s;
	e->end_s = duration == 0 ? -1 : *now_s;
}

static bool
read_list(struct edits *e, const struct boxes *elst, double film_unit_s)
{
	uint8_t head[8], entry[20];
	double now_s = 0;
	uint32_t n;
	int size;

	if (elst->read(elst->arg, elst->at, head, 8) != 8)
		return false;
	n = (uint32_t)boxes_be(head + 4, 4);
	size = head[0] == 1 ? 8 : 4;
	if (n > EDITS_MOST)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		int64_t at = elst->at + 8 + (int64_t)i * (2 * size + 4);
		int64_t media;

		if (at + 2 * size + 4 > elst->end || elst->read(elst->arg,
		    at, entry, 2 * size + 4) != 2 * size + 4)
			return false;
		media = size == 8 ? (int64_t)boxes_be(entry + size, size) :
		    (int32_t)boxes_be(entry + size, size);
		if (boxes_be(entry, size) >> 48 != 0 || media > INT64_MAX / 4)
			return false;
		add_edit(e, boxes_be(entry, size), media, film_unit_s, &now_s);
	}
	return true;
}

void
edits_read(struct edits *e, uint32_t track, int64_t length,
    boxes_read_fn *read, void *arg)
{
	int left = BOXES_MOST;
	struct boxes all = { read, arg, 0, length, &left };
	struct boxes moov, mvhd, trak, mdia, mdhd, edts, elst;
	uint32_t film, media;

	memset(e, 0, sizeof *e);
	if (!boxes_find(all, "moov", &moov) ||
	    !boxes_find(moov, "mvhd", &mvhd) ||
	    !boxes_track(moov, track, &trak) ||
	    !boxes_find(trak, "mdia", &mdia) ||
	    !boxes_find(mdia, "mdhd", &mdhd) ||
	    !boxes_find(trak, "edts", &edts) ||
	    !boxes_find(edts, "elst", &elst))
		return;
	film = boxes_number(&mvhd, 12, 20);
	media = boxes_number(&mdhd, 12, 20);
	if (film == 0 || media == 0)
		return;
	e->unit_s = 1.0 / media;
	e->slack = (int64_t)media / film + 1;
	if (!read_list(e, &elst, 1.0 / film))
		e->n = 0;
	if (e->n == 0)
		e->ours = false;
}

/* Go to the next edit; `at` is the media time that has been read. */
static void
next_piece(struct edits *e, int64_t at, struct edits_place *p)
{
	e->at++;
	if (e->at == e->n || e->e[e->at].from >= at - e->slack)
		return;
	p->back = true;
	p->back_to = e->e[e->at].from;
}

/* The current edit ends in a packet that ends at media time `to`. */
static void
end_piece(struct edits *e, int64_t to, struct edits_place *p)
{
	const struct edit *at = &e->e[e->at];

	/* The next edit continues at once. */
	if (e->at + 1 < e->n && llabs(at[1].from - at->to) <= e->slack) {
		e->at++;
		return;
	}
	if (to - at->to > e->slack)
		p->behind = to - at->to;
	next_piece(e, to, p);
}

struct edits_place
edits_place(struct edits *e, int64_t from, int64_t n)
{
	struct edits_place p = { .none = true };
	const struct edit *at;
	int64_t to = from + n;

	while (e->at < e->n && from >= e->e[e->at].to && !p.back)
		next_piece(e, from, &p);
	if (p.back || e->at == e->n || (n > 0 && to <= e->e[e->at].from))
		return p;
	at = &e->e[e->at];
	p.none = false;
	p.front = from < at->from ? at->from - from : 0;
	p.start_s = at->start_s + (double)(from + p.front - at->from) *
	    e->unit_s;
	if (to >= at->to)
		end_piece(e, to, &p);
	return p;
}

double
edits_length_s(const struct edits *e, int64_t media)
{
	const struct edit *last;

	if (e->n == 0)
		return -1;
	last = &e->e[e->n - 1];
	return (e->end_s >= 0 ? e->end_s : last->start_s +
	    (double)(media - last->from) * e->unit_s) - e->first_s;
}
