/* pages.h - pages of an Ogg file, found by their time.
 *
 * libavformat looks for a page by halves, over all of the file.  Here the place
 * is reckoned from what the pages found so far say, so that far less is read.
 * Only for files of one stream in one link.  No libav in here.
 */
#ifndef ENGINE_PAGES_H
#define ENGINE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at a place of the file: how many there were. */
typedef int64_t pages_read(void *arg, int64_t at, void *buf, int64_t n);

struct page {
	int64_t at;		/* in the file */
	int64_t granule;	/* samples up to its end */
	uint32_t serial;	/* of its stream */
	int64_t bytes;
};

/* The first page and the last that tell a time, in a file of so many bytes. */
bool pages_first(struct page *p, pages_read *read, void *arg);
bool pages_last(struct page *p, int64_t length, pages_read *read, void *arg);

/* Two pages of the file between which all lies that comes `near` samples or
 * less before a time, and the time itself; the last page is known.  false:
 * they are not found. */
bool pages_around(struct page *before, struct page *after,
    const struct page *last, int64_t granule, int64_t near, pages_read *read,
    void *arg);

#endif
