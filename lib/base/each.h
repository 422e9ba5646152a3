/* each.h - the items a command works on: its operands, or lines of stdin.
 *
 * "-" among the operands reads stdin at that place; no operands read it too
 * where the command says so and it is not a terminal.  A line is taken up to
 * its first tab, so that any command's output feeds any other; with null set,
 * items end with NUL instead and are taken whole.  Items come as they arrive:
 * the first is there before the last is written.
 */
#ifndef V2M_BASE_EACH_H
#define V2M_BASE_EACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct v2m_each {
	char **operands;	/* borrowed, NULL behind the last */
	bool null;		/* items of stdin end with NUL */
	bool reading;		/* in the midst of stdin */
	char *line;
	size_t size;
};

/* operands borrowed until v2m_each_release(). */
void v2m_each_init(struct v2m_each *each, char **operands, bool null,
    bool default_stdin);
void v2m_each_release(struct v2m_each *each);

/* 1 with the next item in *item, borrowed until the next call; 0 at the end;
 * -1 with V2M_IO where stdin cannot be read.  Empty lines are skipped. */
int v2m_each_next(struct v2m_each *each, char **item, struct v2m_err *err);

#endif
