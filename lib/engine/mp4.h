/* mp4.h - what else an MP4's or MOV's boxes say, beside the edit list (edits.h)
 * and what libavformat tells.  No libav in here.
 */
#ifndef ENGINE_MP4_H
#define ENGINE_MP4_H

#include "engine/boxes.h"

/* Is the film's length written as all ones, which means that it is not
 * known? */
bool mp4_length_unknown(int64_t length, boxes_read_fn *read, void *arg);

/* Is the track with this ID encrypted sound?  The code of its codec hides
 * that. */
bool mp4_encrypted(uint32_t track, int64_t length, boxes_read_fn *read,
    void *arg);

#endif
