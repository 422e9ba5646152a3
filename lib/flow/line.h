/* line.h - is a message that somebody waits for still in its queue?
 *
 * Two things prove that it is lost.  The queue is empty, but for the messages
 * of those that pause.  Or what was published after it has been taken already,
 * from a queue that gives out in order (taken.h).  Neither needs to look at a
 * message.  Times are wall ms of the store's clock.
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
	int64_t before;		/* what was published before this, or was to
				 * come back then, was taken; less than now */
};

/* Look at a queue.  pausing: the jobs whose messages are in it, or come back to
 * it, later. */
int v2m_line_look(struct v2m_services *s, const char *queue,
    const struct v2m_filter *pausing, struct v2m_line *line,
    struct v2m_err *err);

/* Is the message of this queued job lost? */
bool v2m_line_lost_job(const struct v2m_line *line,
    const struct v2m_record *r);

/* Is that of this end, which was published and of which nobody was told? */
bool v2m_line_lost_end(const struct v2m_line *line,
    const struct v2m_record *r);

#endif
