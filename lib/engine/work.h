/* work.h - one job, from its descriptors to its last report. */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "media/wire.h"

/* Where a child finds its descriptors; it has no others but 0 to 2, which
 * are /dev/null. */
enum {
	WORK_FD_REPORTS = 3,
	WORK_FD_INPUT,
	WORK_FD_OUTPUT,
};

/* Do the job and report.  Returns the child's exit status: 0 when the job was
 * done or its failure was told. */
int work(const struct v2m_wire_job *job);

#endif
