/* input.h - the upload's bytes, as libavformat wants to read them.
 *
 * From a regular file, or by asking the parent (lib/media/wire.h).  Small
 * steps while the demuxer hops about, so that what lies between is not read;
 * long ones once it reads on and on.  A few places are held, for a demuxer that
 * looks for one by halves comes back to them.
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

/* The same bytes once more, in the pass that *in is at. */
struct input *input_beside(const struct input *in, struct v2m_err *err);

/* Read no more than so many bytes, from here on; 0: as many as the length
 * allows. */
void input_limit(struct input *in, int64_t bytes);

/* From the start once more; what has been read counts on. */
int input_rewind(struct input *in, struct v2m_err *err);
/* The same from a place in it, as if the file began there. */
int input_begin_at(struct input *in, int64_t at, struct v2m_err *err);
/* As input_rewind(), for a new pass over all of it, which may read as much
 * again. */
int input_again(struct input *in, struct v2m_err *err);

/* Where what is read begins in the file. */
int64_t input_base(const struct input *in);

/* n bytes at a place, beside what is read through input_io(): how many there
 * were.  A boxes_read_fn function. */
int64_t input_look(void *in, int64_t at, void *buf, int64_t n);

/* Is somebody asked for the bytes, who may have to wait for them? */
bool input_is_asked(const struct input *in);

/* n bytes at a place will be read soon: who is asked may fetch them. */
void input_soon(struct input *in, int64_t at, int64_t n);

/* To read through; belongs to in. */
AVIOContext *input_io(struct input *in);

/* Has reading failed (rather than come to the end)?  Then err is filled with
 * what is to be said of the job. */
bool input_failed(const struct input *in, struct v2m_err *err);

/* Bytes read so far, and how far into the file reading has come this time. */
int64_t input_bytes(const struct input *in);
int64_t input_reached(const struct input *in);

#endif
