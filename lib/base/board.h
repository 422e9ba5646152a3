/* board.h - what many threads are at, on a terminal; nothing anywhere else.
 *
 *	2 of 7
 *	talk.mp4  [##########..............]  42%  0:03 left
 *	holiday film.mkv  [##......................]   9%  0:41 left
 *
 * Drawn on stderr as a bar is (base/progress.h), below what the log says.  One
 * board at a time, in the place of a bar.  Thread-safe from v2m_board_begin()
 * on.
 */
#ifndef V2M_BASE_BOARD_H
#define V2M_BASE_BOARD_H

#include <stdbool.h>

/* total: how many there will be; 0: not known, and no count is shown. */
void v2m_board_begin(int total, bool quiet);

/* A line more, label copied and cleaned: its number, for the two below; -1
 * where nothing is drawn, which they take as well. */
int v2m_board_add(const char *label);
void v2m_board_update(int line, int percent);	/* below 0: unknown */

/* It has ended: its line goes, and it is counted. */
void v2m_board_remove(int line);

/* Erase all of it until the next update: before stdout is written, which may
 * be the same terminal. */
void v2m_board_clear(void);

/* Words in a line above the others, NULL: none.  They are drawn at once. */
void v2m_board_say(const char *words);

/* How many lines there are. */
int v2m_board_running(void);

void v2m_board_end(void);

#endif
