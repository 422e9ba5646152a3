/* mp4.h - facts from an MP4's or MOV's boxes that libavformat does not export;
 * for edit lists see edits.h.  Does not use libav.
 */
#ifndef ENGINE_MP4_H
#define ENGINE_MP4_H

#include "engine/boxes.h"

/* The movie's duration (mvhd). */
enum mp4_length {
	MP4_STATED,
	MP4_NONE,		/* 0: its samples are in fragments */
	MP4_UNKNOWN,		/* all ones, which means "not known" */
};

/* length: of the file, in bytes. */
enum mp4_length mp4_length(int64_t length, boxes_read_fn *read, void *arg);

/* The offset of the first fragment (moof); INT64_MAX: there is none. */
int64_t mp4_fragments(int64_t length, boxes_read_fn *read, void *arg);

/* Is the track with this ID encrypted sound (sample entry `enca`)?  libavformat
 * replaces that code by the codec's. */
bool mp4_encrypted(uint32_t track, int64_t length, boxes_read_fn *read,
    void *arg);

#endif
