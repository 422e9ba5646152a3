#include "engine/coded.h"

#include <stdlib.h>
#include <string.h>

#define CRC_BYTES 2

void
coded_row_release(struct coded_row *row)
{
	free(row->frames);
	free(row->at);
	free(row->bytes);
	memset(row, 0, sizeof *row);
}

struct coded
coded_row_get(const struct coded_row *row, int i)
{
	struct coded c = row->frames[i];

	c.data = row->bytes + row->at[i];
	return c;
}

bool
coded_equal(const struct coded *a, const struct coded *b)
{
	return a->bytes == b->bytes &&
	    memcmp(a->head, b->head, sizeof a->head) == 0 &&
	    memcmp(a->side, b->side, sizeof a->side) == 0 &&
	    memcmp(a->data, b->data, a->bytes) == 0;
}

static int
grow_block(void **block, size_t n, size_t size, struct v2m_err *err)
{
	void *more = realloc(*block, n * size);

	if (more == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	*block = more;
	return 0;
}

/* Make room for one more frame with so many bytes of main data. */
static int
make_room(struct coded_row *row, int bytes, struct v2m_err *err)
{
	size_t n = row->nroom == 0 ? 128 : 2 * (size_t)row->nroom;
	size_t room = row->room + row->room / 2 + 32 * 1024;

	if (row->n == row->nroom) {
		if (grow_block((void **)&row->frames, n, sizeof *row->frames,
		    err) < 0 ||
		    grow_block((void **)&row->at, n, sizeof *row->at, err) < 0)
			return -1;
		row->nroom = (int)n;
	}
	if (row->bytes != NULL && row->room - row->len >= (size_t)bytes)
		return 0;
	if (grow_block((void **)&row->bytes, room, 1, err) < 0)
		return -1;
	row->room = room;
	return 0;
}

static void
copy_main(uint8_t *to, const struct coded *c, const struct coded_reader *r,
    const uint8_t *area, int bits)
{
	int past = c->begin < c->bytes ? c->begin : c->bytes;

	memcpy(to, r->past + r->len - c->begin, (size_t)past);
	memcpy(to + past, area, (size_t)(c->bytes - past));
	if (bits % 8 != 0)
		to[c->bytes - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

/* Keep the last CODED_BEGIN_MOST bytes of all main data areas. */
static void
remember(struct coded_reader *r, const uint8_t *area, int n)
{
	int keep = CODED_BEGIN_MOST - n;

	if (n >= CODED_BEGIN_MOST) {
		memcpy(r->past, area + n - CODED_BEGIN_MOST, CODED_BEGIN_MOST);
		r->len = CODED_BEGIN_MOST;
		return;
	}
	if (keep > r->len)
		keep = r->len;
	memmove(r->past, r->past + r->len - keep, (size_t)keep);
	memcpy(r->past + keep, area, (size_t)n);
	r->len = keep + n;
}

int
coded_read(struct coded_reader *r, const uint8_t *frame,
    const struct v2m_frame *f, struct coded_row *row, struct v2m_err *err)
{
	int front = V2M_FRAME_HEADER + (f->crc ? CRC_BYTES : 0);
	const uint8_t *side = frame + front;
	int area = f->bytes - front - f->side_bytes, begin, bits, bytes;
	struct coded *c;

	if (area < 0)
		return v2m_err_set(err, V2M_DATA,
		    "a frame shorter than its side information");
	begin = side_begin(f, side);
	bits = side_main_bits(f, side);
	bytes = (bits + 7) / 8;
	if (begin > r->len || bytes > begin + area) {
		remember(r, side + f->side_bytes, area);
		return v2m_err_set(err, V2M_DATA,
		    "a frame whose main data is not all there");
	}
	if (make_room(row, bytes, err) < 0)
		return -1;
	c = &row->frames[row->n];
	memset(c, 0, sizeof *c);
	c->begin = (uint16_t)begin;
	c->bytes = (uint16_t)bytes;
	c->bitrate = frame[2] >> 4;
	memcpy(c->head, frame, sizeof c->head);
	c->head[1] |= 1;	/* no CRC */
	c->head[2] &= 0x0d;	/* neither bitrate nor padding */
	memcpy(c->side, side, (size_t)f->side_bytes);
	side_set_begin(f, c->side, 0);
	row->at[row->n++] = row->len;
	copy_main(row->bytes + row->len, c, r, side + f->side_bytes, bits);
	row->len += (size_t)bytes;
	remember(r, side + f->side_bytes, area);
	return 0;
}
