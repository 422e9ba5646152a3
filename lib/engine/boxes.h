/* boxes.h - the boxes of an MP4 or MOV, where libavformat does not tell what
 * they say.  No libav in here.
 */
#ifndef ENGINE_BOXES_H
#define ENGINE_BOXES_H

#include <stdbool.h>
#include <stdint.h>

#define BOXES_MOST 10000	/* that are looked at */

/* Reads n bytes at a place of the file: how many there were. */
typedef int64_t boxes_read_fn(void *arg, int64_t at, void *buf, int64_t n);

/* Part of a file, which holds boxes. */
struct boxes {
	boxes_read_fn *read;
	void *arg;
	int64_t at, end;
	int *left;		/* of BOXES_MOST */
};

struct box {
	char type[4];
	struct boxes inside;
};

/* The next box, and on behind it; false: no whole box follows. */
bool boxes_next(struct boxes *b, struct box *box);

/* What is inside the first box of a type. */
bool boxes_find(struct boxes b, const char *type, struct boxes *inside);

/* What is inside a moov's trak with this ID. */
bool boxes_track(struct boxes moov, uint32_t id, struct boxes *trak);

/* A number of a box that has a version: at one place of its content, of 4
 * bytes, in version 0, at another in version 1.  0: there is none. */
uint32_t boxes_number(const struct boxes *b, int64_t at0, int64_t at1);

/* n bytes, the first the highest. */
uint64_t boxes_be(const uint8_t *p, int n);

#endif
