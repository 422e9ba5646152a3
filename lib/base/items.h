/* items.h - the items a command works on: its operands, or lines of stdin.
 *
 * "-" among the operands reads stdin at that place, and nothing else does: in
 * "while read -r id; do v2m-remove $UNSET; done" the rest of the loop's list is
 * not ours.  A line is taken up to its first tab, so that any command's output
 * feeds any other; with null set, items end with NUL instead and are taken
 * whole, as lines are where they hold file names (whole).  Of a list that was
 * written elsewhere a byte order mark in front and the CR of each line go, and
 * lines of blanks; blanks around an item as well, but for file names.  An ID in
 * capitals is the same ID.  Items come as they arrive: the first is there
 * before the last is written.  A signal (base/stop.h) ends the reading.
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
	bool whole;		/* the caller's to set: lines have no fields */
	bool reading;		/* in the midst of stdin */
	bool begun;		/* something of stdin was handed out */
	bool ended;		/* stdin has no more */
	char *buf;		/* what was read and not yet handed out */
	size_t start, end;
};

/* operands borrowed until v2m_items_release(). */
void v2m_items_init(struct v2m_items *items, char **operands, bool null);
void v2m_items_release(struct v2m_items *items);

/* 1 with the next item in *item, borrowed until the next call; 0 at the end;
 * -1 with V2M_IO where stdin cannot be read, V2M_DATA where an item is too
 * long.  Empty items are skipped. */
int v2m_items_next(struct v2m_items *items, char **item, struct v2m_err *err);

#endif
