/* existing.h - is there a job for the same video already?  What --skip-existing
 * asks, wherever the records come from. */
#ifndef V2M_FLOW_EXISTING_H
#define V2M_FLOW_EXISTING_H

#include <stdbool.h>

#include "store/record.h"

struct v2m_existing {
	const char *options;	/* wanted */
	bool queue;		/* held ones do not count */
	const char *own;	/* the asker's own job, which does not count;
				 * others that are stored and `new` do, since
				 * they may have been accepted, and he can
				 * accept them.  NULL: he cannot */
	char id[V2M_ID_SIZE];	/* found */
	bool accepted;		/* false: it is `new` */
};

/* For a walk (v2m_store_each()) over the records with the bytes in question,
 * arg is a struct v2m_existing.  1 with its id set, which ends the walk: this
 * one will have an MP3 with these options, or has it; 0. */
int v2m_existing_visit(void *arg, struct v2m_record *r);

#endif
