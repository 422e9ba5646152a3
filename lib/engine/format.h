/* format.h - which format a file has, by the names that libavformat has. */
#ifndef ENGINE_FORMAT_H
#define ENGINE_FORMAT_H

#include <libavformat/avformat.h>
#include <stdbool.h>

/* Is it one of these, "mp3,aac"?  Of a demuxer with several names ("mov,mp4,
 * ...", "matroska,webm") the first one counts. */
bool format_is(const AVFormatContext *fmt, const char *names);

#endif
