/* input.h - the upload's bytes, as an AVIOContext for libavformat.
 *
 * They come from a regular file, or from the parent on request (media/wire.h).
 * While the demuxer jumps, small pieces are read, so that little is read in
 * vain; once it reads on in order, long ones.  Some places are cached, as a
 * demuxer that searches by bisection comes back to them.  Not thread-safe.
 */
#ifndef ENGINE_INPUT_H
#define ENGINE_INPUT_H

#include <libavformat/avio.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct input;

struct input *input_open(int fd, bool by_request, int64_t length,
    struct v2m_err *err);
void input_free(struct input *in);

/* Another input for the same fd, beginning at the file's start, in the same
 * pass as *in. */
struct input *input_beside(const struct input *in, struct v2m_err *err);

/* Let reading fail with V2M_FAILED after this many more bytes; 0: the limit is
 * only that of the file's length. */
void input_limit(struct input *in, int64_t bytes);

/* Go back to the file's start, with a new AVIOContext: input_io() of before is
 * not valid any more.  Bytes count on towards the limits. */
int input_rewind(struct input *in, struct v2m_err *err);
/* The same, but let the file begin at this offset. */
int input_begin_at(struct input *in, int64_t at, struct v2m_err *err);
/* As input_rewind(), for a new pass over the file, which may read as much
 * again. */
int input_again(struct input *in, struct v2m_err *err);

/* The offset in the file at which reading begins (input_begin_at()). */
int64_t input_base(const struct input *in);

/* Read n bytes at offset `at`, without moving input_io().  Returns how many
 * there were.  A boxes_read_fn function. */
int64_t input_look(void *in, int64_t at, void *buf, int64_t n);

/* Do the bytes come from the parent, which may have to wait for them? */
bool input_is_asked(const struct input *in);

/* n bytes at offset `at` will be read soon: the parent may fetch them. */
void input_soon(struct input *in, int64_t at, int64_t n);

/* The context to read through; owned by *in. */
AVIOContext *input_io(struct input *in);

/* Has reading failed, other than at the end?  Then err is filled: V2M_IO;
 * V2M_DATA: the file was read too often; V2M_FAILED: input_limit(). */
bool input_failed(const struct input *in, struct v2m_err *err);

/* Bytes read so far in all passes; the highest offset reached since the last
 * rewind. */
int64_t input_bytes(const struct input *in);
int64_t input_reached(const struct input *in);

#endif
