#include "engine/bits.h"

uint32_t
bits_get(const uint8_t *bytes, int at, int n)
{
	uint32_t value = 0;

	for (int i = at; i < at + n; i++)
		value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
	return value;
}

void
bits_put(uint8_t *bytes, int at, int n, uint32_t value)
{
	for (int i = at; i < at + n; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		if (value >> (at + n - 1 - i) & 1)
			bytes[i / 8] |= bit;
		else
			bytes[i / 8] &= (uint8_t)~bit;
	}
}
