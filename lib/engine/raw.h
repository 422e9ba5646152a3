/* raw.h - raw sound without a container, recognized only by its file name. */
#ifndef ENGINE_RAW_H
#define ENGINE_RAW_H

#include <libavformat/avformat.h>

/* The libavformat demuxer for a file name's suffix (media/hint.h); NULL: none.
 * Adds to *options what the demuxer cannot know. */
const AVInputFormat *raw_format(const char *hint, AVDictionary **options);

#endif
