#include "engine/pages.h"

#include <string.h>

#define HEAD 27
#define STEP 4096		/* bytes read at a time */
#define MOST (HEAD + 255 + 255 * 255)	/* bytes of a page, at most */
#define FAR (4 * MOST)		/* bytes searched for a page */
#define TRIES 24
#define NO_TIME INT64_C(-1)

static int64_t
little_endian(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return (int64_t)v;
}

/* Parse a page that begins here, with n bytes of it. */
static bool
parse(struct page *p, const uint8_t *b, int64_t n, int64_t at)
{
	if (n < HEAD || memcmp(b, "OggS\0", 5) != 0 || b[5] > 7 ||
	    n < HEAD + b[26])
		return false;
	p->at = at;
	p->granule = little_endian(b + 6, 8);
	p->serial = (uint32_t)little_endian(b + 14, 4);
	p->bytes = HEAD + b[26];
	for (int i = 0; i < b[26]; i++)
		p->bytes += b[HEAD + i];
	return true;
}

/* Find the first page with a granule position from `at` on, before `end`. */
static bool
next_page(struct page *p, int64_t at, int64_t end, pages_read *read, void *arg)
{
	uint8_t b[STEP];

	if (end > at + FAR)
		end = at + FAR;
	while (at < end) {
		int64_t n = read(arg, at, b, sizeof b), i = 0;

		if (n < HEAD)
			return false;
		while (i < n && !parse(p, b + i, n - i, at + i))
			i++;
		if (i < n && p->granule != NO_TIME)
			return p->at < end;
		/* A header may cross the end of what was read. */
		at += i < n ? i + p->bytes : n - HEAD + 1;
	}
	return false;
}

bool
pages_first(struct page *p, pages_read *read, void *arg)
{
	return next_page(p, 0, FAR, read, arg);
}

bool
pages_last(struct page *p, int64_t length, pages_read *read, void *arg)
{
	int64_t at = length < MOST ? 0 : length - MOST;
	struct page next;
	bool found = false;

	while (next_page(&next, at, length, read, arg)) {
		*p = next;
		found = true;
		at = next.at + next.bytes;
	}
	return found;
}

/* Interpolate the place between two pages, minus one page; middle: take the
 * middle instead, as the bitrate may vary over the file. */
static int64_t
reckon(const struct page *a, const struct page *b, int64_t granule, bool middle)
{
	double part = middle ? 0.5 : (double)(granule - a->granule) /
	    (double)(b->granule - a->granule);
	int64_t at = a->at + (int64_t)((double)(b->at - a->at) * part);

	return at - b->bytes > a->at ? at - b->bytes : a->at;
}

/* Read page by page up to the first one that ends after granule. */
static bool
walk(struct page *before, struct page *after, int64_t granule, int64_t end,
    pages_read *read, void *arg)
{
	while (next_page(after, before->at + before->bytes, end, read, arg)) {
		if (after->granule > granule)
			return true;
		*before = *after;
	}
	return false;
}

bool
pages_around(struct page *before, struct page *after,
    const struct page *last, int64_t granule, int64_t near, pages_read *read,
    void *arg)
{
	struct page found;
	int64_t at;

	*after = *last;
	if (!pages_first(before, read, arg))
		return false;
	for (int i = 0; i < TRIES; i++) {
		if (before->granule >= granule || after->granule <= granule)
			return false;
		if (granule - before->granule <= near)
			break;
		at = reckon(before, after, granule - near / 2, i % 3 == 2);
		if (!next_page(&found, at, after->at, read, arg))
			return false;
		if (found.granule < granule && found.at > before->at)
			*before = found;
		else if (found.granule >= granule)
			*after = found;
		else
			break;
	}
	return walk(before, after, granule, last->at + last->bytes, read,
	    arg);
}
