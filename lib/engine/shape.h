/* shape.h - what the first bytes say about how large and long a file is.
 *
 * libavformat corrects what headers of RIFF, Wave64, CAF and ASF files say by
 * the size that it finds, so a file cut short looks like a short file.  This
 * reads the same fields and corrects nothing.  Pure logic.
 */
#ifndef ENGINE_SHAPE_H
#define ENGINE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHAPE_FIRST 4096		/* first bytes that are often enough, */
#define SHAPE_HEAD (64 * 1024)	/* and always */

struct shape {
	int64_t bytes;		/* the file should have at least; -1: unknown */
	int64_t duration_us;	/* it should last; -1: unknown */
	int64_t data_at;	/* of WAV: where its sound begins, or -1, */
	int64_t data_bytes;	/* and how much it says there is */
	bool mp4;		/* ISO base media: nothing without its index */
};

/* Of the first n bytes of a file, at least SHAPE_FIRST where it has them: how
 * many are wanted. */
size_t shape_wants(const uint8_t *head, size_t n);

/* head: the first n bytes. */
void shape_read(struct shape *s, const uint8_t *head, size_t n);

/* Of a file of so many bytes: is it a WAV too long for what its header can say?
 * Then its sound goes on to the end. */
bool shape_goes_on(const struct shape *s, int64_t length);

#endif
