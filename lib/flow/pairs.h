/* pairs.h - the records of two stores side by side: for a move from one to the
 * other, and for the check of a move. */
#ifndef V2M_FLOW_PAIRS_H
#define V2M_FLOW_PAIRS_H

#include "base/err.h"
#include "store/store.h"

/* Call each for every ID that has a record in a or b, in the order of IDs; a
 * record is NULL where the list of that store does not have it (with some
 * drivers, lists are a little behind).  Nothing is locked, so each may change
 * both.  each returns 0 to go on; another value ends it and is returned.  err
 * is set only if a store fails. */
int v2m_pairs(struct v2m_store *a, struct v2m_store *b,
    int (*each)(void *arg, struct v2m_record *a, struct v2m_record *b),
    void *arg, struct v2m_err *err);

/* Are they equal, apart from the revision? */
bool v2m_pair_is_equal(const struct v2m_record *a, const struct v2m_record *b);

#endif
