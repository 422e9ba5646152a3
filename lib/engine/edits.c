#include "engine/edits.h"

#include <string.h>

/* One entry: a hole, or a piece of the media. */
static void
add(struct edits *e, uint64_t duration, int64_t media, double film_unit_s,
    double *now_s)
{
	double length_s = (double)duration * film_unit_s;
	struct edit *edit = &e->e[e->n];

	if (media < 0) {
		e->ours |= e->n > 0;
		*now_s += length_s;
		return;
	}
	if (e->n == 0)
		e->first_s = *now_s;
	else if (media < edit[-1].to - e->slack)
		e->back = true;
	edit->start_s = *now_s;
	edit->from = media;
	edit->to = duration == 0 ? INT64_MAX :
	    media + (int64_t)(length_s / e->unit_s + 0.5);
	e->ours |= duration == 0;
	e->n++;
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
		add(e, boxes_be(entry, size), media, film_unit_s, &now_s);
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
	if (!boxes_find(all, "moov", &moov) || !boxes_find(moov, "mvhd", &mvhd) ||
	    !boxes_track(moov, track, &trak) || !boxes_find(trak, "mdia", &mdia) ||
	    !boxes_find(mdia, "mdhd", &mdhd) || !boxes_find(trak, "edts", &edts) ||
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
	if (e->n == 0 || e->back)
		e->ours = false;
}

struct edits_place
edits_place(const struct edits *e, int64_t from, int64_t n)
{
	int64_t to = from + n;
	const struct edit *at = NULL;
	struct edits_place p = { .none = true };

	for (int i = 0; i < e->n; i++) {
		if (from >= e->e[i].to || to <= e->e[i].from)
			continue;
		at = &e->e[i];
		/* What follows at once is no cut. */
		if (at->to < to && i + 1 < e->n &&
		    e->e[i + 1].from - at->to > e->slack)
			p.behind = to - at->to;
		break;
	}
	if (at == NULL)
		return p;
	p.none = false;
	p.front = from < at->from ? at->from - from : 0;
	p.start_s = at->start_s + (double)(from + p.front - at->from) *
	    e->unit_s;
	return p;
}
