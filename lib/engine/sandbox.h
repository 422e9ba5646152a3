/* sandbox.h - what keeps a child in its place.
 *
 * Put up before any byte of the file is looked at: no new privileges, limits
 * of memory, CPU time, output and descriptors, Landlock, and the filter of
 * system calls (filter.h).  Two steps, for a job's threads have to be there
 * before the filter, and what is Landlock's before the threads.
 */
#ifndef ENGINE_SANDBOX_H
#define ENGINE_SANDBOX_H

#include <stdint.h>

#include "base/err.h"
#include "media/wire.h"

/* In the engine, once: how much address space it takes by itself. */
void sandbox_measure(void);

/* First step: in the child, before there are threads. */
int sandbox_limit(const struct v2m_wire_job *job, struct v2m_err *err);

/* Second step: from here on no thread, file or socket can be had. */
int sandbox_close(const struct v2m_wire_job *job, struct v2m_err *err);

/* So many microseconds of sound have come out: they earn CPU time. */
void sandbox_earn(int64_t sound_us);

/* Within a limit of memory, having too little of it is the job's own fault:
 * make that of an error that says it is a passing one. */
void sandbox_blame(struct v2m_err *err);

/* What of it could not be started, where a step failed by that. */
enum v2m_wire_lacks sandbox_lacks(void);

/* What is up: for V2M_WIRE_SANDBOX. */
void sandbox_tell(void);

#endif
