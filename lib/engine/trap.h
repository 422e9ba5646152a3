/* trap.h - what a system call gets that the filter does not let pass.
 *
 * Libraries look for files out of habit.  Calls that only look for a name are
 * answered as on a machine where it is missing, unknown ones as on a kernel
 * that has none; these are counted.  What no decoder needs ends the process:
 * opening to write, naming for change, programs, processes, sockets, signals
 * to others.  The parent is told the call's name then.
 */
#ifndef ENGINE_TRAP_H
#define ENGINE_TRAP_H

#include "base/err.h"

/* Take SIGSYS, which the filter sends in place of such a call, for good.  No
 * thread may block it: the kernel ends a process that cannot take it. */
void trap_init(void);

/* How many calls were answered so far. */
unsigned trap_count(void);

/* The number of the first of them, or -1. */
int trap_first(void);

#endif
