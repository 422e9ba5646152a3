/* Finding the pages of an Ogg file by their time. */
#include "engine/pages.c"

#include <stdlib.h>

#include "tap.h"

#define PAGES 3000
#define RATE 48000		/* one page per second */

static uint8_t *file;
static int64_t length, asked;
static int64_t starts[PAGES + 1];

static int64_t
read_file(void *arg, int64_t at, void *buf, int64_t n)
{
	(void)arg;
	if (n > length - at)
		n = length - at;
	if (n <= 0)
		return 0;
	memcpy(buf, file + at, (size_t)n);
	asked += n;
	return n;
}

static void
number(uint8_t *p, uint64_t v, int n)
{
	for (; n-- > 0; v >>= 8)
		*p++ = (uint8_t)v;
}

/* Add a page with this granule position and so many bytes of sound. */
static void
add(int64_t granule, uint32_t serial, int bytes)
{
	uint8_t *p = file + length;
	int full = bytes / 255;

	memset(p, 0x55, (size_t)(HEAD + full + 1 + bytes));
	memcpy(p, "OggS\0\0", 6);
	number(p + 6, (uint64_t)granule, 8);
	number(p + 14, serial, 4);
	p[26] = (uint8_t)(full + 1);
	memset(p + HEAD, 255, (size_t)full);
	p[HEAD + full] = (uint8_t)(bytes % 255);
	length += HEAD + full + 1 + bytes;
}

/* Bytes per second: first few, then many, as when music follows speech. */
static void
make(int few, int many)
{
	length = 0;
	add(0, 7, 19);
	for (int i = 0; i < PAGES; i++) {
		starts[i] = length;
		add((int64_t)(i + 1) * RATE, 7, i < PAGES / 2 ? few : many);
		if (i % 10 == 0)
			add(NO_TIME, 7, 300);
	}
	starts[PAGES] = length;
}

/* Are the pages on both sides found, and are few bytes read? */
static bool
finds(int second)
{
	int64_t granule = (int64_t)second * RATE + RATE / 3;
	struct page before, after, last;

	if (!pages_last(&last, length, read_file, NULL))
		return false;
	asked = 0;
	return pages_around(&before, &after, &last, granule, 2 * RATE,
	    read_file, NULL) && before.at == starts[second - 1] &&
	    after.at == starts[second] && asked <= 20 * STEP;
}

static void
ends(void)
{
	struct page p;

	ok(pages_first(&p, read_file, NULL) && p.at == 0 && p.serial == 7,
	    "the first page that tells a time is found");
	ok(p.granule == 0, "the first page's time is 0");
	ok(pages_last(&p, length, read_file, NULL) &&
	    p.at == starts[PAGES - 1] && p.granule == (int64_t)PAGES *
	    RATE, "and so is the last");
	ok(pages_last(&p, length - 10, read_file, NULL) &&
	    p.at == starts[PAGES - 1], "one that is not all there");
}

static void
nowhere(void)
{
	struct page before, after, last;

	pages_last(&last, length, read_file, NULL);
	ok(!pages_around(&before, &after, &last, last.granule + 1, RATE,
	    read_file, NULL), "none behind the last");
	ok(!pages_around(&before, &after, &last, 0, RATE, read_file, NULL),
	    "none before the first");
	memset(file + starts[10], 0x55, (size_t)(starts[2000] - starts[10]));
	asked = 0;
	ok(!pages_around(&before, &after, &last, INT64_C(1000) * RATE, RATE,
	    read_file, NULL) && asked <= 2 * FAR,
	    "a hole of a megabyte ends the search");
	memset(file, 0x55, (size_t)length);
	ok(!pages_last(&last, length, read_file, NULL) &&
	    !pages_first(&last, read_file, NULL), "no pages at all");
}

int
main(void)
{
	file = calloc(1, (size_t)PAGES * 8000);
	ok(file != NULL, "memory for a file");
	make(4000, 4000);
	ends();
	ok(finds(2), "near the start");
	ok(finds(1500), "in the middle");
	ok(finds(PAGES - 2), "near the end");
	make(500, 7000);
	ok(finds(1000), "where there is little");
	ok(finds(2000), "where there is more");
	nowhere();
	free(file);
	return tap_done();
}
