/* chapters.h - where a part of a container's chapters lies in the MP3. */
#ifndef ENGINE_CHAPTERS_H
#define ENGINE_CHAPTERS_H

#include <libavformat/avformat.h>

#include "engine/front.h"

/* Fill f's chapters, in the order of time: from the source's time 0
 * (origin_us) and the cut's start on.  What lies outside the cut is left out,
 * and what begins behind end_us, where the sound is said to end (-1: nobody
 * says).  Warns where there are too many. */
void chapters_collect(struct front *f, const AVFormatContext *fmt,
    int64_t origin_us, int64_t end_us, const struct v2m_settings *s);

#endif
