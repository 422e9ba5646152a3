/* links.h - find the links of a chained Ogg (RFC 3533).
 *
 * libavformat continues with the next link only if its codec is that of the one
 * before.  Other links are opened as files of their own, from where they begin.
 * Does not use libav.
 */
#ifndef ENGINE_LINKS_H
#define ENGINE_LINKS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at file offset `at` into buf; returns how many there were. */
typedef int64_t links_read(void *arg, int64_t at, void *buf, int64_t n);

/* The offset of the last page that begins a link, among those that begin at
 * most one page's length before offset `at`; -1: none.  Not thread-safe. */
int64_t links_before(int64_t at, links_read *read, void *arg);

struct links {
	bool paged;		/* a page has been seen: */
	int64_t page;		/* its offset, */
	uint8_t serial[4];	/* and its serial number */
};

/* A packet of the sound begins in the page at offset `at`: is that page's
 * serial number another than that of the packet before? */
bool links_other_stream(struct links *l, int64_t at, links_read *read,
    void *arg);

#endif
