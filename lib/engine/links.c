#include "engine/links.h"

#include <stdbool.h>
#include <string.h>

#define PAGE_MOST (27 + 255 + 255 * 255)	/* bytes */
#define HEAD 6
#define SERIAL 14		/* its offset in a page; 4 bytes */
#define FIRST 2			/* header type flag: beginning of stream */

static bool
is_first(const uint8_t *p)
{
	return memcmp(p, "OggS\0", 5) == 0 && p[5] & FIRST;
}

int64_t
links_before(int64_t at, links_read *read, void *arg)
{
	static uint8_t buf[PAGE_MOST];
	int64_t from = at < PAGE_MOST ? 0 : at - PAGE_MOST;
	int64_t n = read(arg, from, buf, at - from), found = -1;

	for (int64_t i = 0; i + HEAD <= n; i++)
		if (is_first(buf + i))
			found = from + i;
	return found;
}

bool
links_other_stream(struct links *l, int64_t at, links_read *read, void *arg)
{
	uint8_t b[SERIAL + sizeof l->serial], *serial = b + SERIAL;
	bool other;

	if (at < 0 || (l->paged && at == l->page) ||
	    read(arg, at, b, sizeof b) != sizeof b ||
	    memcmp(b, "OggS\0", 5) != 0)
		return false;
	other = l->paged && memcmp(serial, l->serial, sizeof l->serial) != 0;
	memcpy(l->serial, serial, sizeof l->serial);
	l->page = at;
	l->paged = true;
	return other;
}
