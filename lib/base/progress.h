/* progress.h - a bar on a terminal, nothing anywhere else.
 *
 * Drawn on stderr when that is a terminal, this process is in its foreground
 * and nobody said --quiet; from half a second on, at most ten times a second.
 * One bar at a time; for one thread.
 */
#ifndef V2M_BASE_PROGRESS_H
#define V2M_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Begin a bar called label (copied, cleaned).  bytes: done and total are
 * bytes and a rate is shown; else they are parts of any size.  total 0:
 * unknown. */
void v2m_progress_begin(const char *label, int64_t total, bool bytes,
    bool quiet);
void v2m_progress_update(int64_t done);

/* The label and these words, in the place of a bar: where nothing can be
 * measured, what is waited for. */
void v2m_progress_say(const char *words);

/* Erase it. */
void v2m_progress_end(void);

#endif
