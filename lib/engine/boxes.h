/* boxes.h - read the boxes of an MP4 or MOV (ISO/IEC 14496-12), for what
 * libavformat does not tell.  Does not use libav.
 */
#ifndef ENGINE_BOXES_H
#define ENGINE_BOXES_H

#include <stdbool.h>
#include <stdint.h>

#define BOXES_MOST 10000	/* boxes read per file */

/* Reads n bytes at file offset `at` into buf; returns how many there were. */
typedef int64_t boxes_read_fn(void *arg, int64_t at, void *buf, int64_t n);

/* The boxes between two offsets of a file. */
struct boxes {
	boxes_read_fn *read;
	void *arg;
	int64_t at, end;
	int *left;		/* boxes that may still be read */
};

struct box {
	char type[4];
	struct boxes inside;
};

/* Read the header of the next box and move b behind that box.  false: no whole
 * box follows, or BOXES_MOST have been read. */
bool boxes_next(struct boxes *b, struct box *box);

/* Set *inside to the content of the first box of a type. */
bool boxes_find(struct boxes b, const char *type, struct boxes *inside);

/* Set *trak to the content of the trak box with this track ID. */
bool boxes_track(struct boxes moov, uint32_t id, struct boxes *trak);

/* A 32-bit number from the content of a box that has a version: at offset at1
 * in version 1, at0 in others.  0 also if it cannot be read. */
uint32_t boxes_number(const struct boxes *b, int64_t at0, int64_t at1);

/* A big-endian number of n bytes (0 to 8). */
uint64_t boxes_be(const uint8_t *p, int n);

#endif
