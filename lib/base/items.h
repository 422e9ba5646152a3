/* items.h - the items that a command works on: its operands, or lines of stdin.
 *
 * stdin is read only where "-" is among the operands: in "while read -r id; do
 * v2m-remove $UNSET; done" the command must not read the rest of the list.
 *
 * Of a line, the part before the first tab is the item, so the output of any
 * command can be the input of any other.  If `null` is set, items end with NUL,
 * and tabs do not matter; nor if `whole` is set, for lines that are file names.
 * A byte order mark at the beginning, the CR at the end of a line, and blank
 * lines are dropped; so are blanks around an item, unless it is a file name.
 * An ID may be in capitals.  An item is returned as soon as it has arrived.  A
 * signal (base/stop.h) ends the reading.
 *
 * For one thread at a time.
 */
#ifndef V2M_BASE_ITEMS_H
#define V2M_BASE_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define V2M_ITEM_MAX 65536	/* bytes of the longest item */

struct v2m_items {
	char **operands;	/* borrowed, NULL behind the last */
	bool null;		/* items of stdin end with NUL */
	bool whole;		/* lines have no fields; set by the caller */
	bool reading;		/* stdin, which has more */
	bool begun;		/* an item of stdin was returned */
	bool ended;		/* stdin has no more */
	char *buf;		/* what was read and not yet returned */
	size_t start, end;
};

/* operands borrowed until v2m_items_release(). */
void v2m_items_init(struct v2m_items *items, char **operands, bool null);
void v2m_items_release(struct v2m_items *items);

/* 1: *item is the next item, borrowed until the next call; 0 at the end; -1:
 * V2M_IO, stdin cannot be read; V2M_DATA, an item is too long, or a line
 * contains NUL.  Empty items are skipped. */
int v2m_items_next(struct v2m_items *items, char **item, struct v2m_err *err);

#endif
