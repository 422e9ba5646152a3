#include "engine/synchsafe.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define HEAD 10			/* bytes, of a tag and of a frame */
#define FILLING 64		/* at the most, behind the last frame */

static int64_t
plain(const uint8_t *p)
{
	return (int64_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static int64_t
sevens(const uint8_t *p)
{
	return (int64_t)p[0] << 21 | p[1] << 14 | p[2] << 7 | p[3];
}

static bool
is_name(const uint8_t *p)
{
	for (int i = 0; i < 4; i++)
		if (!(p[i] >= 'A' && p[i] <= 'Z') &&
		    !(p[i] >= '0' && p[i] <= '9'))
			return false;
	return true;
}

/* Is this where a frame begins, or the filling at the end, or the end? */
static bool
fits(int fd, int64_t at, int64_t end)
{
	static const uint8_t filling[FILLING];
	uint8_t there[FILLING];
	int64_t n = end - at;

	if (n <= 0)
		return n == 0;
	if (n > FILLING)
		return pread(fd, there, 4, at) == 4 && is_name(there);
	return pread(fd, there, (size_t)n, at) == n &&
	    ((n >= HEAD && is_name(there)) ||
	    memcmp(there, filling, (size_t)n) == 0);
}

/* 1: goes on at *at; 0: it ends here; -1 */
static int
repair(int fd, int64_t *at, int64_t end)
{
	uint8_t head[HEAD];
	ssize_t n = pread(fd, head, sizeof head, *at);
	int64_t size;

	if (n != sizeof head || !is_name(head))
		return n < 0 ? -1 : 0;
	size = sevens(head + 4);
	if ((memcmp(head, "CHAP", 4) == 0 || memcmp(head, "CTOC", 4) == 0) &&
	    plain(head + 4) < 1 << 28 &&
	    fits(fd, *at + HEAD + plain(head + 4), end)) {
		size = plain(head + 4);
		for (int i = 0; i < 4; i++)
			head[4 + i] = size >> 7 * (3 - i) & 0x7f;
		if (pwrite(fd, head, sizeof head, *at) != sizeof head)
			return -1;
	}
	*at += HEAD + size;
	return 1;
}

int
synchsafe_repair(int fd)
{
	int64_t at = HEAD, end;
	uint8_t head[HEAD];
	int ret = 1;

	if (pread(fd, head, sizeof head, 0) != sizeof head)
		return -1;
	if (memcmp(head, "ID3\4", 4) != 0)
		return 0;
	end = HEAD + sevens(head + 6);
	while (ret > 0 && at + HEAD <= end)
		ret = repair(fd, &at, end);
	return ret < 0 ? -1 : 0;
}
