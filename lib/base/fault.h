/* fault.h - named points at which a test may kill, stop or fail a process.
 *
 * Each step of a job's life passes such a point.  With V2M_FAULT=kill:NAME in
 * the environment the process dies there by SIGKILL, with stop:NAME it stops
 * by SIGSTOP, with fail:NAME v2m_fault() returns a temporary failure; @N behind
 * the name means the N-th time.  Without the variable a point costs one
 * comparison.  This is no risk: who can set the environment of a process can
 * kill it as well.
 */
#ifndef V2M_BASE_FAULT_H
#define V2M_BASE_FAULT_H

#include "base/err.h"

/* 0; -1 with V2M_TEMP: V2M_FAULT says that this point fails. */
int v2m_fault(const char *point, struct v2m_err *err);

#endif
