/* stop.h - SIGTERM and SIGINT for long-running commands, which end at a moment
 * of their own choice.
 *
 * The handler only counts the signals, and wakes a poll(2).  The first signal
 * means "take nothing new, and finish what runs", the second "hand it back
 * now".  Process-wide; v2m_stop_count() may be called from any thread.
 */
#ifndef V2M_BASE_STOP_H
#define V2M_BASE_STOP_H

#include "base/err.h"

/* Install the handlers, also for SIGHUP, and ignore SIGPIPE.  Call once, before
 * any thread is made. */
int v2m_stop_init(struct v2m_err *err);

/* How many signals came so far. */
int v2m_stop_count(void);

/* 0; -1 after a signal, V2M_TEMP "interrupted": for work that may be broken
 * off. */
int v2m_stop_check(struct v2m_err *err);

/* Readable from the first signal on, for poll(2); -1 before v2m_stop_init().
 * Never read it. */
int v2m_stop_fd(void);

/* After a command has cleaned up: die by the signal that came first, as if it
 * had not been caught.  Returns if none came. */
void v2m_stop_die(void);

/* Count one more, as if a signal had come. */
void v2m_stop_now(void);

/* Sleep at most ms, less when a signal comes.  Returns v2m_stop_count(). */
int v2m_stop_sleep(int ms);

#endif
