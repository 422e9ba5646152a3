/* input.h - the upload's bytes, as libavformat wants to read them.
 *
 * From a regular file, or by asking the parent (lib/media/wire.h).  Small
 * steps while the demuxer hops about, so that what lies between is not read;
 * long ones once it reads on and on.
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

/* Read no more than so many bytes, from here on; 0: as many as the length
 * allows. */
void input_limit(struct input *in, int64_t bytes);

/* From the start once more; what has been read counts on. */
int input_again(struct input *in, struct v2m_err *err);

/* To read through; belongs to in. */
AVIOContext *input_io(struct input *in);

/* Has reading failed (rather than come to the end)?  Then err is filled with
 * what is to be said of the job. */
bool input_failed(const struct input *in, struct v2m_err *err);

/* Bytes read so far, and how far into the file reading has come this time. */
int64_t input_bytes(const struct input *in);
int64_t input_reached(const struct input *in);

#endif
