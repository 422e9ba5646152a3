/* board.h - the progress of several threads, on a terminal; elsewhere nothing.
 *
 *	2 of 7
 *	talk.mp4  [##########..............]  42%  0:03 left
 *	holiday film.mkv  [##......................]   9%  0:41 left
 *
 * Drawn on stderr below the lines of the log, under the same conditions as a
 * bar (base/progress.h).  One board at a time, and no bar beside it.
 * Thread-safe from v2m_board_begin() on.
 */
#ifndef V2M_BASE_BOARD_H
#define V2M_BASE_BOARD_H

#include <stdbool.h>

/* total: the number of lines there will be in all; 0: not known, and no count
 * is shown. */
void v2m_board_begin(int total, bool quiet);

/* Add a line; label is copied and cleaned.  Returns its number, for the two
 * functions below; -1, which they accept, if nothing is drawn. */
int v2m_board_add(const char *label);
void v2m_board_update(int line, int percent);	/* below 0: unknown */

/* Its work has ended: remove the line, and count it. */
void v2m_board_remove(int line);

/* Erase the board until the next update.  Call it before writing to stdout,
 * which may be the same terminal. */
void v2m_board_clear(void);

/* Show these words in a line above the others at once; NULL: none. */
void v2m_board_say(const char *words);

/* The number of lines. */
int v2m_board_running(void);

void v2m_board_end(void);

#endif
