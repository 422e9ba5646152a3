#include "engine/scrambled.h"

#include <stddef.h>

#define SYNC 0x47
#define SYNCS 5			/* sync bytes in a row, to be sure */
#define BLOCK (64 * 1024)
#define LOOKED_AT (4 << 20)	/* bytes read from the file */

struct count {
	unsigned pid;
	int all, scrambled;
};

/* Offset of the first packet, for packets of this size; or -1. */
static int64_t
find_packets(const uint8_t *b, int64_t n, int size)
{
	for (int64_t at = 0; at < size && at + SYNCS * size <= n; at++) {
		int i = 0;

		while (i < SYNCS && b[at + i * size] == SYNC)
			i++;
		if (i == SYNCS)
			return at;
	}
	return -1;
}

static void
count_packets(struct count *c, const uint8_t *b, int64_t n)
{
	/* Plain; with a timestamp before each packet (M2TS); with FEC behind
	 * it. */
	static const int sizes[] = { 188, 192, 204 };
	int64_t at = -1;
	size_t i = 0;

	while (i < sizeof sizes / sizeof sizes[0] &&
	    (at = find_packets(b, n, sizes[i])) < 0)
		i++;
	for (; at >= 0 && at + 4 <= n && b[at] == SYNC; at += sizes[i]) {
		if (((b[at + 1] & 0x1fu) << 8 | b[at + 2]) != c->pid)
			continue;
		c->all++;
		c->scrambled += b[at + 3] >> 7;
	}
}

bool
scrambled_pid(unsigned pid, scrambled_read *read, void *arg)
{
	static uint8_t block[BLOCK];
	struct count c = { .pid = pid };

	for (int64_t at = 0; at < LOOKED_AT; at += BLOCK) {
		int64_t n = read(arg, at, block, BLOCK);

		if (n <= 0)
			break;
		count_packets(&c, block, n);
	}
	return c.scrambled > c.all / 2;
}
