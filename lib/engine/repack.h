/* repack.h - frames taken apart laid out anew as one stream.
 *
 * The main data of all frames makes one row of bytes; each frame's header and
 * side information stand where its size puts them, and say how far back its
 * own data begins (the bit reservoir, at most 511 bytes, 255 in MPEG-2 and
 * 2.5).  With a constant bitrate the sizes are given, the padding is that of
 * the whole stream.  With a variable one each frame gets the smallest size
 * with which none of those to come lacks room: what LAME leaves empty, and
 * what it says about itself there, is dropped.
 *
 * Pure logic: no LAME, no libav.
 */
#ifndef ENGINE_REPACK_H
#define ENGINE_REPACK_H

#include "base/err.h"
#include "engine/coded.h"

/* Gets each frame, borrowed. */
typedef int repack_sink(void *arg, const uint8_t *frame,
    const struct v2m_frame *f, struct v2m_err *err);

struct repack;

/* bitrate_kbps 0: variable.  NULL with V2M_TEMP. */
struct repack *repack_new(int bitrate_kbps, repack_sink *sink, void *arg,
    struct v2m_err *err);
void repack_free(struct repack *r);

/* Before the first frame: use bitrates too that LAME would not in MPEG-2.5. */
void repack_all_bitrates(struct repack *r);

/* The next frame; all are of one version, rate and number of channels, which
 * the first one's header tells.  1: there is no room for its data, or for that
 * of a frame before it, which comes of joining streams that do not fit; the
 * stream ends there.  -1: V2M_DATA, V2M_TEMP, or the sink's own error. */
int repack_add(struct repack *r, const struct coded *c, struct v2m_err *err);

/* Those still inside.  As repack_add. */
int repack_finish(struct repack *r, struct v2m_err *err);

#endif
