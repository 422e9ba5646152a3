#include "base/progress_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

#define BLOCKS 24
#define BLOCKS_LEAST 4		/* fewer are not drawn */
#define LABEL_LEAST 8
#define BESIDE_BLOCKS 10	/* "  [] 100%" and the column that stays free */

static bool
in_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

bool
v2m_progress_wanted(bool quiet)
{
	const char *term = getenv("TERM");

	return !quiet && isatty(STDERR_FILENO) && in_foreground() &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
v2m_progress_screen(int *columns, int *rows)
{
	struct winsize w;
	bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0;

	*columns = known && w.ws_col >= 20 ? w.ws_col : 80;
	*rows = known && w.ws_row >= 4 ? w.ws_row : 24;
}

void
v2m_progress_print(const char *s)
{
	ssize_t n = write(STDERR_FILENO, s, strlen(s));

	(void)n;	/* if a bar cannot be drawn, that does not matter */
}

/* Append "  4.1 MB/s  0:12 left", as far as it is known. */
static void
describe_speed(char *dst, size_t size, const struct v2m_progress_part *p)
{
	char rate[32], left[32];
	double done = (double)p->done, elapsed = (double)p->elapsed_ms;
	size_t n = 0;

	dst[0] = '\0';
	if (p->bytes && p->elapsed_ms > 0)
		n = (size_t)snprintf(dst, size, "  %s/s", v2m_text_size(rate,
		    (int64_t)(done * 1000 / elapsed)));
	if (p->total > 0 && p->done > 0)
		snprintf(dst + n, size - n, "  %s left",
		    v2m_text_duration(left, (int64_t)(elapsed *
		    ((double)p->total - done) / done)));
}

/* Append "[####....]  45%", with fewer blocks if room columns are few, or the
 * number of bytes so far. */
static void
describe_part(char *dst, size_t size, const struct v2m_progress_part *p,
    int room)
{
	int most = room - BESIDE_BLOCKS < BLOCKS ? room - BESIDE_BLOCKS :
	    BLOCKS, filled;
	char blocks[BLOCKS + 1], amount[32];
	double part;

	if (p->total <= 0) {
		snprintf(dst, size, "%s", p->bytes ?
		    v2m_text_size(amount, p->done) : "...");
		return;
	}
	part = (double)p->done / (double)p->total;
	if (most < BLOCKS_LEAST) {
		snprintf(dst, size, "%3d%%", (int)(part * 100));
		return;
	}
	filled = (int)(part * most);
	memset(blocks, '#', (size_t)filled);
	memset(blocks + filled, '.', (size_t)(most - filled));
	blocks[most] = '\0';
	snprintf(dst, size, "[%s] %3d%%", blocks, (int)(part * 100));
}

void
v2m_progress_line(char line[V2M_PROGRESS_LINE],
    const struct v2m_progress_part *part, int columns)
{
	struct v2m_progress_part p = *part;
	char label[V2M_PROGRESS_LINE / 2], amount[80], speed[80];
	int room;

	p.done = p.done < 0 ? 0 : p.done;
	if (p.total > 0 && p.done > p.total)
		p.done = p.total;
	describe_speed(speed, sizeof speed, &p);
	describe_part(amount, sizeof amount, &p, columns - LABEL_LEAST -
	    (int)strlen(speed));
	room = columns - 3 - (int)(strlen(amount) + strlen(speed));
	if (room < LABEL_LEAST)
		room = LABEL_LEAST;
	if (room >= (int)sizeof label)
		room = (int)sizeof label - 1;
	v2m_text_copy(label, (size_t)room + 1, p.label);
	snprintf(line, V2M_PROGRESS_LINE, "%s  %s%s", label, amount, speed);
	if ((int)strlen(line) >= columns && columns < V2M_PROGRESS_LINE)
		v2m_text_copy(line, (size_t)columns, line);
}
