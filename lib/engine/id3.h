/* id3.h - the ID3v2 tag in front of an MP3 (id3.org, 2.3 and 2.4).
 *
 * Written here and not by libavformat, which has no frames for comments and
 * lyrics, and whose sizes in chapters of 2.4 are wrong.
 */
#ifndef ENGINE_ID3_H
#define ENGINE_ID3_H

#include <libavformat/avio.h>

#include "engine/front.h"

/* Write it, also where there is nothing in it.  A libavutil error. */
int id3_write(AVIOContext *to, const struct front *front);

#endif
