/* pages.h - find the pages of an Ogg file (RFC 3533) by their time.
 *
 * libavformat bisects the file.  Here the place is interpolated from the pages
 * found so far, so that far less is read.  Only for files with one stream and
 * one link.  Does not use libav.
 */
#ifndef ENGINE_PAGES_H
#define ENGINE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at file offset `at` into buf; returns how many there were. */
typedef int64_t pages_read(void *arg, int64_t at, void *buf, int64_t n);

struct page {
	int64_t at;		/* file offset */
	int64_t granule;	/* granule position: samples up to its end */
	uint32_t serial;	/* serial number of its stream */
	int64_t bytes;
};

/* Find the first and the last page with a granule position, in a file of
 * `length` bytes.  false: there is none. */
bool pages_first(struct page *p, pages_read *read, void *arg);
bool pages_last(struct page *p, int64_t length, pages_read *read, void *arg);

/* Find two pages that enclose everything from `near` samples before granule to
 * granule itself; last is from pages_last().  false: not found. */
bool pages_around(struct page *before, struct page *after,
    const struct page *last, int64_t granule, int64_t near, pages_read *read,
    void *arg);

#endif
