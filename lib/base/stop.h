/* stop.h - SIGTERM and SIGINT for what runs long: noticed, never in between.
 *
 * The handler counts and wakes a poll(2); the loop asks when it suits it.  The
 * first signal means "take nothing new and drain", the second "hand back
 * now".  Process-wide; v2m_stop_count() may be called from any thread.
 */
#ifndef V2M_BASE_STOP_H
#define V2M_BASE_STOP_H

#include "base/err.h"

/* Install the handlers, ignore SIGPIPE, and hear SIGHUP as SIGTERM.  Call
 * once, before any thread is made. */
int v2m_stop_init(struct v2m_err *err);

/* How many signals came so far. */
int v2m_stop_count(void);

/* 0, or V2M_TEMP "interrupted" where one came: for work that can be left. */
int v2m_stop_check(struct v2m_err *err);

/* Readable from the first signal on, for poll(2); -1 before v2m_stop_init().
 * Never read it. */
int v2m_stop_fd(void);

/* Die by the signal that came first, as if it had not been caught: for a
 * command that has cleaned up.  Returns where none came. */
void v2m_stop_die(void);

/* Count one more, as a signal would: "the input has ended" and tests. */
void v2m_stop_now(void);

/* Sleep at most ms, less when a signal comes.  Returns v2m_stop_count(). */
int v2m_stop_sleep(int ms);

#endif
