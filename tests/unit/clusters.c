/* Clusters of a Matroska file, found by their time. */
#include "engine/clusters.c"

#include <string.h>

#include "tap.h"

#define ROOM 65536

static uint8_t file[ROOM];
static int64_t length;

static int64_t
read_file(void *arg, int64_t at, void *buf, int64_t n)
{
	(void)arg;
	if (n > length - at)
		n = length - at;
	if (n <= 0)
		return 0;
	memcpy(buf, file + at, (size_t)n);
	return n;
}

static void
add(const char *bytes, size_t n)
{
	memcpy(file + length, bytes, n);
	length += (int64_t)n;
}

/* Add a cluster of so many bytes; before: elements that precede its Timestamp.
 * Returns its offset. */
static int64_t
add_cluster(int stamp, int bytes, const char *before, size_t n)
{
	int64_t at = length;
	char size[4] = { 0x10 | (char)(bytes >> 24), (char)(bytes >> 16),
	    (char)(bytes >> 8), (char)bytes };
	char head[4] = { (char)0xe7, (char)0x82, (char)(stamp >> 8),
	    (char)stamp };

	add("\x1f\x43\xb6\x75", 4);
	add(size, 4);
	add(before, n);
	add(head, 4);
	memset(file + length, 0xa3, (size_t)bytes - n - 4);
	length += bytes - (int64_t)n - 4;
	return at;
}

static int64_t first, third, fourth;

static void
make(void)
{
	length = 0;
	add("padding", 7);
	first = add_cluster(0, 4000, "", 0);
	add_cluster(5000, 100, "\xbf\x84\1\2\3\4", 6);
	add("\xec\x82\0\0", 4);
	third = add_cluster(10000, 20000, "", 0);
	fourth = add_cluster(15000, 300, "", 0);
}

static bool
around(int64_t stamp, int64_t before, int64_t after)
{
	struct cluster a, b;

	return clusters_around(&a, &b, first, stamp, read_file, NULL) &&
	    a.at == before && b.at == after && a.stamp <= stamp &&
	    b.stamp > stamp;
}

static bool
found(int64_t at, int64_t stamp)
{
	struct cluster a, b;

	return clusters_around(&a, &b, at, stamp, read_file, NULL);
}

static void
are_found(void)
{
	make();
	ok(around(12000, third, fourth), "the one that it is in");
	ok(around(10000, third, fourth), "or begins with");
	ok(around(14999, third, fourth), "or ends with");
	ok(!found(first, 15000), "none is behind the last");
	ok(!found(third, 9999), "none before the one to begin with");
	ok(!found(first + 1, 12000), "not from the middle of one");
}

static void
are_broken(void)
{
	make();
	memset(file + third + 4, 0xff, 1);
	ok(!found(first, 12000), "lengths too long");
	make();
	memcpy(file + third + 4, "\x1f\xff\xff\xff", 4);
	ok(!found(first, 12000), "lengths that are not known");
	make();
	file[third + 8] = 0xa3;
	ok(!found(first, 12000), "a cluster without a stamp");
	make();
	length = third + 9;
	ok(!found(first, 12000), "a file that is cut off");
	make();
	memset(file + third, 0, 4);
	ok(!found(first, 12000), "no element");
	length = 0;
	for (int i = 0; i < ROOM / 16; i++)
		add("\x1f\x43\xb6\x75\x84\xe7\x82\0\1\xec\x85\0\0\0\0\0", 16);
	first = 0;
	ok(!found(0, 2), "far too many");
}

int
main(void)
{
	are_found();
	are_broken();
	return tap_done();
}
