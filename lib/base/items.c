#include "base/items.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/stop.h"

void
v2m_items_init(struct v2m_items *items, char **operands, bool null)
{
	memset(items, 0, sizeof *items);
	items->operands = operands;
	items->null = null;
}

void
v2m_items_release(struct v2m_items *items)
{
	free(items->buf);
	items->buf = NULL;
}

/* Read more bytes of stdin; sets `ended` at its end and after a signal. */
static int
read_more(struct v2m_items *items, struct v2m_err *err)
{
	struct pollfd p[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = v2m_stop_fd(), .events = POLLIN },
	};
	ssize_t n;

	if (items->buf == NULL &&
	    (items->buf = malloc(V2M_ITEM_MAX + 1)) == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read the list");
	memmove(items->buf, items->buf + items->start,
	    items->end - items->start);
	items->end -= items->start;
	items->start = 0;
	if (items->end == V2M_ITEM_MAX)
		return v2m_err_set(err, V2M_DATA, "a line of the list is "
		    "longer than %d bytes", V2M_ITEM_MAX);
	if (poll(p, 2, -1) < 0 && errno != EINTR)
		return v2m_err_sys(err, V2M_IO, "cannot wait for the list");
	if (v2m_stop_count() > 0) {
		items->ended = true;
		items->end = 0;
		return 0;
	}
	n = read(STDIN_FILENO, items->buf + items->end,
	    V2M_ITEM_MAX - items->end);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return v2m_err_sys(err, V2M_IO, "cannot read the list");
	items->ended = n == 0;
	items->end += (size_t)n;
	return 0;
}

/* If it is an ID with capitals, make them small. */
static char *
lower_id(char *item)
{
	size_t n = strspn(item, "0123456789abcdefABCDEF");

	for (size_t i = 0; n == V2M_ID_SIZE - 1 && item[n] == '\0' && i < n;
	    i++)
		item[i] = (char)tolower((unsigned char)item[i]);
	return item;
}

static void
cut_end(char *s, const char *what)
{
	size_t n = strlen(s);

	while (n > 0 && strchr(what, s[n - 1]) != NULL)
		s[--n] = '\0';
}

/* The item in a line; "": skip the line. */
static char *
tidy(struct v2m_items *items, char *line)
{
	if (items->null)
		return line;
	if (!items->begun && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	items->begun = true;
	cut_end(line, "\r");
	if (items->whole)
		return line + (line[strspn(line, " \t")] == '\0' ?
		    strlen(line) : 0);
	line += strspn(line, " ");
	line[strcspn(line, "\t")] = '\0';
	cut_end(line, " ");
	return lower_id(line);
}

/* The next item of stdin; 0 at its end. */
static int
next_line(struct v2m_items *items, char **item, struct v2m_err *err)
{
	char delimiter = items->null ? '\0' : '\n';

	for (;;) {
		char *from = items->buf == NULL ? NULL :
		    items->buf + items->start;
		size_t n = items->end - items->start;
		char *stop = n == 0 ? NULL : memchr(from, delimiter, n);

		if (stop == NULL && !items->ended) {
			if (read_more(items, err) < 0)
				return -1;
			continue;
		}
		if (n == 0)
			return 0;
		if (stop == NULL)
			stop = from + n;	/* a last line without an end */
		if (memchr(from, '\0', (size_t)(stop - from)) != NULL)
			return v2m_err_set(err, V2M_DATA, "not a list of "
			    "lines: it has a NUL byte (-0 reads items that "
			    "end with NUL)");
		*stop = '\0';
		items->start += (size_t)(stop - from) + (stop < from + n);
		from = tidy(items, from);
		if (from[0] == '\0')
			continue;
		*item = from;
		return 1;
	}
}

int
v2m_items_next(struct v2m_items *items, char **item, struct v2m_err *err)
{
	for (;;) {
		if (items->reading) {
			int got = next_line(items, item, err);

			if (got != 0)
				return got;
			items->reading = false;
		}
		if (*items->operands == NULL)
			return 0;
		*item = *items->operands++;
		if (strcmp(*item, "-") != 0) {
			lower_id(*item);
			return 1;
		}
		items->reading = true;
	}
}
