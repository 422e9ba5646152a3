#include "base/each.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"

void
v2m_each_init(struct v2m_each *each, char **operands, bool null,
    bool default_stdin)
{
	memset(each, 0, sizeof *each);
	each->operands = operands;
	each->null = null;
	each->reading = default_stdin && operands[0] == NULL;
}

void
v2m_each_release(struct v2m_each *each)
{
	free(each->buf);
	each->buf = NULL;
}

/* More bytes of stdin behind those that are there; sets ended at its end and
 * after a signal. */
static int
fill(struct v2m_each *each, struct v2m_err *err)
{
	struct pollfd p[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = v2m_stop_fd(), .events = POLLIN },
	};
	ssize_t n;

	if (each->buf == NULL && (each->buf = malloc(V2M_ITEM_MAX + 1)) == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read stdin");
	memmove(each->buf, each->buf + each->start, each->end - each->start);
	each->end -= each->start;
	each->start = 0;
	if (each->end == V2M_ITEM_MAX)
		return v2m_err_set(err, V2M_DATA, "a line of stdin is longer "
		    "than %d bytes", V2M_ITEM_MAX);
	if (poll(p, 2, -1) < 0 && errno != EINTR)
		return v2m_err_sys(err, V2M_IO, "cannot wait for stdin");
	if (v2m_stop_count() > 0) {
		each->ended = true;
		each->end = 0;
		return 0;
	}
	n = read(STDIN_FILENO, each->buf + each->end,
	    V2M_ITEM_MAX - each->end);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return v2m_err_sys(err, V2M_IO, "cannot read stdin");
	each->ended = n == 0;
	each->end += (size_t)n;
	return 0;
}

/* The next item of stdin; 0 at its end. */
static int
next_line(struct v2m_each *each, char **item, struct v2m_err *err)
{
	char delimiter = each->null ? '\0' : '\n';

	for (;;) {
		char *from = each->buf == NULL ? NULL :
		    each->buf + each->start;
		size_t n = each->end - each->start;
		char *stop = n == 0 ? NULL : memchr(from, delimiter, n);

		if (stop == NULL && !each->ended) {
			if (fill(each, err) < 0)
				return -1;
			continue;
		}
		if (n == 0)
			return 0;
		if (stop == NULL)
			stop = from + n;	/* a last line without an end */
		*stop = '\0';
		each->start += (size_t)(stop - from) + (stop < from + n);
		if (!each->null && !each->whole)
			from[strcspn(from, "\t\r")] = '\0';
		if (from[0] == '\0')
			continue;
		*item = from;
		return 1;
	}
}

int
v2m_each_next(struct v2m_each *each, char **item, struct v2m_err *err)
{
	for (;;) {
		if (each->reading) {
			int got = next_line(each, item, err);

			if (got != 0)
				return got;
			each->reading = false;
		}
		if (*each->operands == NULL)
			return 0;
		*item = *each->operands++;
		if (strcmp(*item, "-") != 0)
			return 1;
		each->reading = true;
	}
}
