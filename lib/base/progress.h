/* progress.h - a progress bar on a terminal; elsewhere nothing.
 *
 * Drawn on stderr, if that is a terminal, this process is in its foreground,
 * and --quiet was not given; after half a second, and at most ten times a
 * second.  One bar at a time; for one thread.
 */
#ifndef V2M_BASE_PROGRESS_H
#define V2M_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Begin a bar with a label, which is copied and cleaned.  bytes: done and total
 * are bytes, and a rate is shown; else they are any units.  total 0:
 * unknown. */
void v2m_progress_begin(const char *label, int64_t total, bool bytes,
    bool quiet);
void v2m_progress_update(int64_t done);

/* Show the label and these words in place of a bar: for example, what the
 * command waits for. */
void v2m_progress_say(const char *words);

/* Erase the bar. */
void v2m_progress_end(void);

#endif
