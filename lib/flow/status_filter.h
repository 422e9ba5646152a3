/* status_filter.h - selects jobs of a list by state and name. */
#ifndef V2M_FLOW_STATUS_FILTER_H
#define V2M_FLOW_STATUS_FILTER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/suggest.h"
#include "store/record.h"

/* Zeroed: all that were not removed. */
struct v2m_status_filter {
	unsigned states;	/* of v2m_status_states(); 0: all but removed */
	const char *name;	/* the name contains it, whatever its case;
				 * NULL: any */
};

/* Parse words of v2m_status_word() or v2m_state_word() with commas between
 * them: "queued,converting".  `done` includes those with warnings and expired
 * ones.  V2M_USAGE: there is no such word. */
int v2m_status_states(const char *words, unsigned *states,
    struct v2m_err *err);

/* Find the word of a state that is most like `word`, which s borrows. */
void v2m_status_suggest(struct v2m_suggest *s, const char *word);

/* The one state that all selected jobs have in their records, for the filter of
 * the store; -1: there are several. */
int v2m_status_filter_state(const struct v2m_status_filter *f);

bool v2m_status_matches(const struct v2m_status_filter *f,
    const struct v2m_record *r);

#endif
