/* sandbox.h - restrict a child before it reads any byte of the file.
 *
 * No new privileges, limits of memory, CPU time, output and descriptors,
 * Landlock, and a seccomp filter (filter.h).  In two steps: a job's threads
 * must exist before the filter is installed, but Landlock must be applied
 * before they are created.
 */
#ifndef ENGINE_SANDBOX_H
#define ENGINE_SANDBOX_H

#include <stdint.h>

#include "base/err.h"
#include "media/wire.h"

/* Call it once in the engine: measures its own address space. */
void sandbox_measure(void);

/* First step, in the child before it has threads.  V2M_TEMP: a part could not
 * be started; see sandbox_lacks(). */
int sandbox_limit(const struct v2m_wire_job *job, struct v2m_err *err);

/* Second step: from here on no thread, file or socket can be created.  Errors
 * as sandbox_limit(). */
int sandbox_close(const struct v2m_wire_job *job, struct v2m_err *err);

/* Raise the limit of CPU time: sound_us of sound have been decoded, in all. */
void sandbox_earn(int64_t sound_us);

/* If memory is limited, a lack of it is caused by the file: turn such a
 * V2M_TEMP into V2M_FAILED.  The same if the MP3 is too large. */
void sandbox_blame(struct v2m_err *err);

/* What could not be started, if a step failed. */
enum v2m_wire_lacks sandbox_lacks(void);

/* Send the report V2M_WIRE_UP: which parts work. */
void sandbox_tell(void);

#endif
