/* repack.h - write parsed Layer III frames as one new stream.
 *
 * The main data of all frames is one row of bytes; headers and side information
 * are placed in it by the frames' sizes, and state how far back each frame's
 * main data begins (bit reservoir: main_data_begin, at most 511 bytes, 255 in
 * MPEG-2 and 2.5).  With a constant bitrate the sizes are fixed, with padding
 * for the whole stream.  With a variable one each frame gets the smallest size
 * with which no later frame lacks space: unused space, and ancillary data in
 * it, is dropped.
 *
 * Pure logic: uses neither LAME nor libav.
 */
#ifndef ENGINE_REPACK_H
#define ENGINE_REPACK_H

#include "base/err.h"
#include "engine/coded.h"

/* Gets each frame, borrowed.  -1 with err ends the job. */
typedef int repack_sink(void *arg, const uint8_t *frame,
    const struct v2m_frame *f, struct v2m_err *err);

struct repack;

/* bitrate_kbps 0: variable.  NULL with V2M_TEMP. */
struct repack *repack_new(int bitrate_kbps, repack_sink *sink, void *arg,
    struct v2m_err *err);
void repack_free(struct repack *r);

/* Call it before the first frame: in MPEG-2.5, also use bitrates that LAME does
 * not. */
void repack_all_bitrates(struct repack *r);

/* Add a frame, whose data is copied.  All must have the version, rate and
 * channels of the first one.  1: there is no space for its data, or for that of
 * an earlier frame, as joined streams do not fit; then the stream ends there.
 * -1: V2M_DATA, V2M_TEMP, or the sink's error. */
int repack_add(struct repack *r, const struct coded *c, struct v2m_err *err);

/* Write the frames that are still waiting.  Returns as repack_add(). */
int repack_finish(struct repack *r, struct v2m_err *err);

#endif
