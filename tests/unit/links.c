/* Finding the links of a chained Ogg by their first pages. */
#include "engine/links.c"

#include "tap.h"

static uint8_t file[200000];
static int64_t length;

static int64_t
read_file(void *arg, int64_t at, void *buf, int64_t n)
{
	(void)arg;
	if (n > length - at)
		n = length - at;
	memcpy(buf, file + at, (size_t)n);
	return n;
}

static void
page(int64_t at, uint8_t flags)
{
	memcpy(file + at, "OggS", 5);
	file[at + 5] = flags;
}

static bool
other(struct links *l, int64_t at)
{
	return links_other_stream(l, at, read_file, NULL);
}

static void
serials(void)
{
	struct links l = { .paged = false };

	page(100, FIRST);
	file[114] = 1;
	page(600, 0);
	file[614] = 1;
	page(1000, 0);
	file[1014] = 2;
	ok(!other(&l, 100) && !other(&l, 600), "pages of one stream");
	ok(!other(&l, -1) && !other(&l, 700), "where no page is known of");
	ok(other(&l, 1000) && !other(&l, 1000), "another stream, told once");
}

int
main(void)
{
	length = sizeof file;
	memset(file, 0x55, sizeof file);
	page(0, FIRST);
	page(1000, 0);
	page(100000, FIRST);
	page(100500, 1);
	ok(links_before(100600, read_file, NULL) == 100000,
	    "the first page of the link that is read");
	ok(links_before(100004, read_file, NULL) == -1,
	    "not one that is not all there");
	ok(links_before(50000, read_file, NULL) == 0, "that of the first link");
	ok(links_before(99999, read_file, NULL) == -1,
	    "none that is further away than a page is long");
	ok(links_before(0, read_file, NULL) == -1, "nothing to look at");
	serials();
	return tap_done();
}
