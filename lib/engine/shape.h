/* shape.h - what a file's first bytes state about its size and duration.
 *
 * libavformat corrects the fields of RIFF, Wave64, CAF and ASF headers by the
 * size that it finds, so a file that is cut short looks like a short file.  The
 * same fields are read here, without corrections.  Pure logic, on untrusted
 * bytes.
 */
#ifndef ENGINE_SHAPE_H
#define ENGINE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHAPE_FIRST 4096		/* first bytes that are usually
					 * enough, */
#define SHAPE_HEAD (64 * 1024)	/* and that always are */

struct shape {
	int64_t bytes;		/* stated size of the file; -1: unknown */
	int64_t duration_us;	/* stated duration; -1: unknown */
	int64_t data_at;	/* WAV: offset of its data chunk's content, or
				 * -1, */
	int64_t data_bytes;	/* and that chunk's stated size */
	bool mp4;		/* ISO base media (ftyp): needs its index */
};

/* How many of the first bytes does shape_read() need, by the first n?  n must
 * be SHAPE_FIRST, or the length of a shorter file. */
size_t shape_wants(const uint8_t *head, size_t n);

/* head: the first n bytes of the file. */
void shape_read(struct shape *s, const uint8_t *head, size_t n);

/* Is a WAV of so many bytes longer than its header can state?  Then its sound
 * goes on to the end of the file. */
bool shape_goes_on(const struct shape *s, int64_t length);

#endif
