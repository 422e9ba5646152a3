/* links.h - the links of a chained Ogg.
 *
 * libavformat goes over to the next only where its codec is that of the one
 * before.  The others are opened as files of their own, from where they begin.
 * No libav in here.
 */
#ifndef ENGINE_LINKS_H
#define ENGINE_LINKS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at a place of the file: how many there were. */
typedef int64_t links_read(void *arg, int64_t at, void *buf, int64_t n);

/* Where the first page of a link stands that begins at most one page before a
 * place in the file; -1: nowhere. */
int64_t links_before(int64_t at, links_read *read, void *arg);

struct links {
	bool paged;		/* a page has been seen: */
	int64_t page;		/* where it stands, */
	uint8_t serial[4];	/* and whose it is */
};

/* A packet of the sound begins in the page at this place: is that of another
 * logical stream than the one before? */
bool links_other_stream(struct links *l, int64_t at, links_read *read,
    void *arg);

#endif
