/* fault.h - where a test may kill, freeze or fail a process.
 *
 * Each step of a job's life passes a named point.  With V2M_FAULT=kill:NAME in
 * the environment the process dies there by SIGKILL, with stop:NAME it stops
 * by SIGSTOP, with fail:NAME v2m_fault() reports a temporary failure; an
 * @N behind the name means its N-th passing.  Without the variable a point
 * costs one comparison.  It gives nobody a power he has not: who can set a
 * process's environment can kill it as well.
 */
#ifndef V2M_BASE_FAULT_H
#define V2M_BASE_FAULT_H

#include "base/err.h"

/* 0, or -1 with V2M_TEMP where a failure was ordered for this point. */
int v2m_fault(const char *point, struct v2m_err *err);

#endif
