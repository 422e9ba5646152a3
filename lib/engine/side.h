/* side.h - the side information of a Layer III frame.
 *
 * ISO/IEC 11172-3 and 13818-3 2.4.1.7: where the frame's main data begins and
 * how much there is of it; the rest is of no concern here.  Pure.
 */
#ifndef ENGINE_SIDE_H
#define ENGINE_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/frame.h"

#define SIDE_MOST 32		/* bytes */

/* How many bytes before its own area a frame's main data may begin: 511, or
 * 255 in MPEG-2 and 2.5. */
int side_begin_most(const struct v2m_frame *f);

/* How many it does. */
int side_begin(const struct v2m_frame *f, const uint8_t *side);
void side_set_begin(const struct v2m_frame *f, uint8_t *side, int begin);

/* Is all of it what the standard allows, as far as decoders rely on it? */
bool side_valid(const struct v2m_frame *f, const uint8_t *side);

/* The frame's main data, in bits. */
int side_main_bits(const struct v2m_frame *f, const uint8_t *side);

#endif
