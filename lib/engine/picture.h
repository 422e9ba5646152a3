/* picture.h - what kind of picture some bytes are, and how large it is.
 *
 * JPEG (ITU-T T.81, B.2.2) and PNG (ISO/IEC 15948, 11.2.2), as far as their
 * headers go: nothing is decoded.  Reads untrusted bytes.  Pure logic.
 */
#ifndef ENGINE_PICTURE_H
#define ENGINE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "media/wire.h"

struct picture {
	enum v2m_cover kind;		/* by the first bytes */
	int width, height;		/* 1 x 1 where it cannot be told */
};

void picture_read(struct picture *p, const uint8_t *bytes, size_t n);

#endif
