/* trap.h - handle system calls that the filter does not allow.
 *
 * Libraries look for files out of habit.  Calls that look up a name get ENOENT,
 * calls for user and group IDs get the IDs, others ENOSYS; all of these are
 * counted.  Calls that no decoder needs end the process: writing or creating
 * files, starting programs, processes, sockets, signals to other processes.
 * The parent is told the call's name then.
 */
#ifndef ENGINE_TRAP_H
#define ENGINE_TRAP_H

#include "base/err.h"

/* Handle SIGSYS, which the filter sends for such a call, for good.  No thread
 * may block SIGSYS: the kernel kills the process then. */
void trap_init(void);

/* How many calls were answered. */
unsigned trap_count(void);

/* The system call number of the first one, or -1. */
int trap_first(void);

#endif
