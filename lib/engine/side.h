/* side.h - the side information of a Layer III frame (ISO/IEC 11172-3 and
 * 13818-3, 2.4.1.7): where its main data begins and how long it is; other
 * fields are not needed.  Pure.  The caller provides the bytes that
 * v2m_frame_parse() states.
 */
#ifndef ENGINE_SIDE_H
#define ENGINE_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/frame.h"

#define SIDE_MOST 32		/* bytes */

/* The largest main_data_begin: 511 bytes, or 255 in MPEG-2 and 2.5. */
int side_begin_most(const struct v2m_frame *f);

/* Read and write main_data_begin, in bytes. */
int side_begin(const struct v2m_frame *f, const uint8_t *side);
void side_set_begin(const struct v2m_frame *f, uint8_t *side, int begin);

/* Are the values on which decoders rely within the standard's limits? */
bool side_valid(const struct v2m_frame *f, const uint8_t *side);

/* The length of the frame's main data, in bits. */
int side_main_bits(const struct v2m_frame *f, const uint8_t *side);

#endif
