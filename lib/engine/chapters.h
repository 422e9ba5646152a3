/* chapters.h - where a part of a container's chapters lies in the MP3. */
#ifndef ENGINE_CHAPTERS_H
#define ENGINE_CHAPTERS_H

#include <libavformat/avformat.h>

#include "engine/front.h"

/* Fill f's chapters: times from the source's time 0 (origin_us) and the cut's
 * start on.  What lies outside the cut is left out, and what begins behind
 * end_us, where the sound is said to end (-1: nobody says). */
void chapters_collect(struct front *f, const AVFormatContext *fmt,
    int64_t origin_us, int64_t end_us, const struct v2m_settings *s);

/* Hand them to a muxer, before its header is written.  A libavutil error. */
int chapters_add(const struct front *f, AVFormatContext *to);

#endif
