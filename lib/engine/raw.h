/* raw.h - sound without a container, which only its file's name can tell. */
#ifndef ENGINE_RAW_H
#define ENGINE_RAW_H

#include <libavformat/avformat.h>

/* What reads a file whose name ends like that (media/hint.h); NULL: such is
 * no raw sound.  Adds to its options what it cannot know. */
const AVInputFormat *raw_format(const char *hint, AVDictionary **options);

#endif
