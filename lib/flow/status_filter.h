/* status_filter.h - some jobs of a list, by the words that it shows them with.
 */
#ifndef V2M_FLOW_STATUS_FILTER_H
#define V2M_FLOW_STATUS_FILTER_H

#include <stdbool.h>

#include "base/err.h"
#include "store/record.h"

/* Zeroed: all that were not removed. */
struct v2m_status_filter {
	unsigned states;	/* of v2m_status_states(); 0: all but removed */
	const char *name;	/* stands in the name, in capitals or not;
				 * NULL: any */
};

/* Words of status.h or record.h with commas between them: "queued,converting".
 * `done` is all that is done, with warnings or expired, too.  V2M_USAGE: there
 * is no such word. */
int v2m_status_states(const char *words, unsigned *states,
    struct v2m_err *err);

/* The state that all of them have in their records, for the store's filter;
 * -1: they have several. */
int v2m_status_filter_state(const struct v2m_status_filter *f);

bool v2m_status_matches(const struct v2m_status_filter *f,
    const struct v2m_record *r);

#endif
