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

#define SHAPE_HEAD (64 * 1024)	/* first bytes that are enough */

struct shape {
	int64_t bytes;		/* the file should have at least; -1: unknown */
	int64_t duration_us;	/* it should last; -1: unknown */
	bool mp4;		/* ISO base media: nothing without its index */
};

/* head: the first n bytes. */
void shape_read(struct shape *s, const uint8_t *head, size_t n);

#endif
