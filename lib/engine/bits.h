/* bits.h - numbers of any width at any bit position, most significant bit
 * first, as in MPEG bit streams.  Pure; the caller keeps within the bytes. */
#ifndef ENGINE_BITS_H
#define ENGINE_BITS_H

#include <stdint.h>

/* Read or write n bits (0 to 32), from bit position `at` on. */
uint32_t bits_get(const uint8_t *bytes, int at, int n);
void bits_put(uint8_t *bytes, int at, int n, uint32_t value);

#endif
