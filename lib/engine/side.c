#include "engine/side.h"

#include "engine/bits.h"

#define LENGTH_BITS 12		/* of part2_3_length */

/* Bit positions of the parts of each granule and channel, and of the block type
 * (with window_switching_flag) in one. */
struct blocks {
	int at, stride, n, window;
};

static int
begin_bits(const struct v2m_frame *f)
{
	return f->version == 1 ? 9 : 8;
}

int
side_begin_most(const struct v2m_frame *f)
{
	return (1 << begin_bits(f)) - 1;
}

int
side_begin(const struct v2m_frame *f, const uint8_t *side)
{
	return (int)bits_get(side, 0, begin_bits(f));
}

void
side_set_begin(const struct v2m_frame *f, uint8_t *side, int begin)
{
	bits_put(side, 0, begin_bits(f), (uint32_t)begin);
}

/* private_bits and, in MPEG-1, four bits of scfsi per channel; then a part for
 * each granule and channel, which begins with part2_3_length. */
static struct blocks
blocks(const struct v2m_frame *f)
{
	struct blocks b = { .at = begin_bits(f), .n = f->channels };

	if (f->version == 1) {
		b.at += (f->channels == 1 ? 5 : 3) + 4 * f->channels;
		b.stride = 59;
		b.n *= 2;
		b.window = LENGTH_BITS + 9 + 8 + 4;
	} else {
		b.at += f->channels == 1 ? 1 : 2;
		b.stride = 63;
		b.window = LENGTH_BITS + 9 + 8 + 9;
	}
	return b;
}

int
side_main_bits(const struct v2m_frame *f, const uint8_t *side)
{
	struct blocks b = blocks(f);
	int sum = 0;

	for (int i = 0; i < b.n; i++)
		sum += (int)bits_get(side, b.at + i * b.stride, LENGTH_BITS);
	return sum;
}

/* big_values is at most 288 pairs (576 lines); and with window_switching_flag
 * the block type must not be 0. */
bool
side_valid(const struct v2m_frame *f, const uint8_t *side)
{
	struct blocks b = blocks(f);

	for (int i = 0; i < b.n; i++) {
		int at = b.at + i * b.stride;

		if (bits_get(side, at + LENGTH_BITS, 9) > 288 ||
		    bits_get(side, at + b.window, 3) == 4)
			return false;
	}
	return true;
}
