/* id3.h - write the ID3v2 tag of an MP3 (id3.org, 2.3 and 2.4).
 *
 * Not left to libavformat, which has no frames for comments and lyrics, and
 * writes wrong sizes in chapters of 2.4.
 */
#ifndef ENGINE_ID3_H
#define ENGINE_ID3_H

#include <libavformat/avio.h>

#include "engine/front.h"

/* Write the tag, even an empty one.  Returns 0 or a libavutil error. */
int id3_write(AVIOContext *to, const struct front *front);

#endif
