/* line.h - is the message of a waiting job still in its queue, or was it lost?
 *
 * There are two proofs that it was lost.  The queue is empty, apart from the
 * messages of jobs that pause.  Or a message that was published later has been
 * taken already, from a queue that keeps the order (taken.h).  Neither needs to
 * read a message.  Times are wall ms of the store's clock.
 */
#ifndef V2M_FLOW_LINE_H
#define V2M_FLOW_LINE_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/services.h"

struct v2m_line {
	bool empty;
	int64_t grace_ms;	/* how long a message may be on its way */
	int64_t now;
	/* Every message that was published, or was to come back, before this
	 * time was taken; less than now. */
	int64_t before;
};

/* Look at a queue.  pausing: a filter for the jobs whose messages come back to
 * it later. */
int v2m_line_look(struct v2m_services *s, const char *queue,
    const struct v2m_filter *pausing, struct v2m_line *line,
    struct v2m_err *err);

/* Was the message of this queued job lost? */
bool v2m_line_lost_job(const struct v2m_line *line,
    const struct v2m_record *r);

/* Was the message lost that says that this job has ended?  The end was
 * published, and its owner was not told. */
bool v2m_line_lost_end(const struct v2m_line *line,
    const struct v2m_record *r);

#endif
