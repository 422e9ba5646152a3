#include "media/helper/side.h"

#include "media/helper/bits.h"

#define LENGTH_BITS 12		/* of part2_3_length */

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

/* Private bits, in MPEG-1 also four for each channel that say which scale
 * factors are shared; then a block for each granule and channel, which opens
 * with its length. */
int
side_main_bits(const struct v2m_frame *f, const uint8_t *side)
{
	int at = begin_bits(f), stride, blocks = f->channels, sum = 0;

	if (f->version == 1) {
		at += (f->channels == 1 ? 5 : 3) + 4 * f->channels;
		stride = 59;
		blocks *= 2;
	} else {
		at += f->channels == 1 ? 1 : 2;
		stride = 63;
	}
	for (int i = 0; i < blocks; i++)
		sum += (int)bits_get(side, at + i * stride, LENGTH_BITS);
	return sum;
}
