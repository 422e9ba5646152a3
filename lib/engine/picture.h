/* picture.h - recognize JPEG (ITU-T T.81) and PNG (ISO/IEC 15948) by their
 * first bytes.  Nothing is decoded.  Reads untrusted bytes.  Pure logic.
 */
#ifndef ENGINE_PICTURE_H
#define ENGINE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "media/wire.h"

enum v2m_cover picture_kind(const uint8_t *bytes, size_t n);

#endif
