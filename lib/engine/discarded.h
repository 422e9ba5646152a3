/* discarded.h - the tags that libavformat reads and discards.
 *
 * It takes only one kind of tag: a WAV whose INFO names no more than the
 * program that wrote it would lose all of its ID3v2, which tag editors write,
 * and a TTA or WavPack with APEv2 as well.
 */
#ifndef ENGINE_DISCARDED_H
#define ENGINE_DISCARDED_H

#include <libavformat/avformat.h>

#include "engine/input.h"

/* Add to fmt->metadata what the file's ID3v2 has, and fmt->metadata has not.
 * Does not move input_io(). */
void discarded_add(AVFormatContext *fmt, struct input *in);

#endif
