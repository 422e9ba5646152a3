/* chapters.h - the container's chapters, moved to the MP3's time. */
#ifndef ENGINE_CHAPTERS_H
#define ENGINE_CHAPTERS_H

#include <libavformat/avformat.h>

#include "engine/front.h"

/* Fill f->chapters, sorted by time, in ms of the MP3.  origin_us is time 0
 * (struct demux).  Chapters outside the part that s selects are left out, and
 * those that begin after end_us, where the container says that the sound ends
 * (-1: not known).  Warns if there are too many.  Out of memory: there are no
 * chapters. */
void chapters_collect(struct front *f, const AVFormatContext *fmt,
    int64_t origin_us, int64_t end_us, const struct v2m_settings *s);

#endif
