#include "engine/boxes.h"

#include <string.h>

#define HEAD 16			/* bytes of a box's header, at most */

uint64_t
boxes_be(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

bool
boxes_next(struct boxes *b, struct box *box)
{
	uint8_t head[HEAD] = { 0 };
	int64_t got = b->read(b->arg, b->at, head, b->end - b->at < HEAD ?
	    b->end - b->at : HEAD), front = 8;
	uint64_t size = boxes_be(head, 4);

	if (got < 8 || --*b->left < 0)
		return false;
	if (size == 1 && got == HEAD) {
		size = boxes_be(head + 8, 8);
		front = HEAD;
	} else if (size == 0) {
		size = (uint64_t)(b->end - b->at);
	}
	if (size < (uint64_t)front || size > (uint64_t)(b->end - b->at))
		return false;
	memcpy(box->type, head + 4, 4);
	box->inside = *b;
	box->inside.at = b->at + front;
	b->at += (int64_t)size;
	box->inside.end = b->at;
	return true;
}

bool
boxes_find(struct boxes b, const char *type, struct boxes *inside)
{
	struct box box;

	while (boxes_next(&b, &box)) {
		if (memcmp(box.type, type, 4) != 0)
			continue;
		*inside = box.inside;
		return true;
	}
	return false;
}

uint32_t
boxes_number(const struct boxes *b, int64_t at0, int64_t at1)
{
	uint8_t version = 0, v[4] = { 0 };

	if (b->read(b->arg, b->at, &version, 1) != 1 ||
	    b->read(b->arg, b->at + (version == 1 ? at1 : at0), v, 4) != 4)
		return 0;
	return (uint32_t)boxes_be(v, 4);
}

bool
boxes_track(struct boxes moov, uint32_t id, struct boxes *trak)
{
	struct box box;
	struct boxes tkhd;

	while (boxes_next(&moov, &box))
		if (memcmp(box.type, "trak", 4) == 0 &&
		    boxes_find(box.inside, "tkhd", &tkhd) &&
		    boxes_number(&tkhd, 12, 20) == id) {
			*trak = box.inside;
			return true;
		}
	return false;
}
