/* bits.h - numbers of any width at any bit of a row of bytes, the highest bit
 * first, as MPEG writes them.  Pure; the caller keeps within the bytes. */
#ifndef ENGINE_BITS_H
#define ENGINE_BITS_H

#include <stdint.h>

/* n bits, 0 to 32, from bit at on. */
uint32_t bits_get(const uint8_t *bytes, int at, int n);
void bits_put(uint8_t *bytes, int at, int n, uint32_t value);

#endif
