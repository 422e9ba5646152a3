/* progress_draw.h - drawing for progress.c and board.c.  Thread-safe. */
#ifndef V2M_BASE_PROGRESS_DRAW_H
#define V2M_BASE_PROGRESS_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define V2M_PROGRESS_FIRST_MS 500
#define V2M_PROGRESS_EVERY_MS 100
#define V2M_PROGRESS_LINE 512

/* Is stderr a terminal that can be drawn on, with us in its foreground? */
bool v2m_progress_wanted(bool quiet);

/* The size of the terminal, or a usual one if it is not known. */
void v2m_progress_screen(int *columns, int *rows);

/* One line of progress. */
struct v2m_progress_part {
	const char *label;	/* clean; cut if the line is too short */
	int64_t done, total;	/* total 0: unknown */
	int64_t elapsed_ms;
	bool bytes;		/* they are bytes, and a rate is shown */
};

/* "label  [####....]  45%  0:12 left", shorter than columns; where that is
 * little, the bar is what gives way first, to the label's first letters. */
void v2m_progress_line(char line[V2M_PROGRESS_LINE],
    const struct v2m_progress_part *part, int columns);

/* Write to stderr, in one write(2). */
void v2m_progress_print(const char *s);

#endif
