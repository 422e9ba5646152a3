/* work.h - do one job, from its descriptors to its last report. */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "media/wire.h"

/* The child's descriptors, besides 0 to 2 (/dev/null). */
enum {
	WORK_FD_REPORTS = 3,
	WORK_FD_INPUT,
	WORK_FD_OUTPUT,
};

/* Do the job and send reports to the parent.  Returns the child's exit status,
 * 0: failures are reported, too. */
int work(const struct v2m_wire_job *job);

#endif
