/* mp4.h - facts from an MP4's or MOV's boxes that libavformat does not export;
 * for edit lists see edits.h.  Does not use libav.
 */
#ifndef ENGINE_MP4_H
#define ENGINE_MP4_H

#include "engine/boxes.h"

/* Is the movie's duration (mvhd) all ones, which means "not known"?  length: of
 * the file, in bytes. */
bool mp4_length_unknown(int64_t length, boxes_read_fn *read, void *arg);

/* Is the track with this ID encrypted sound (sample entry `enca`)?  libavformat
 * replaces that code by the codec's. */
bool mp4_encrypted(uint32_t track, int64_t length, boxes_read_fn *read,
    void *arg);

#endif
