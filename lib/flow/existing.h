/* existing.h - is there already a job for the same video?  For the option
 * --skip-existing. */
#ifndef V2M_FLOW_EXISTING_H
#define V2M_FLOW_EXISTING_H

#include <stdbool.h>

#include "store/record.h"

struct v2m_existing {
	const char *options;	/* that the MP3 is to have */
	bool queue;		/* do not count held jobs */
	/* The ID of the upload that asks; it does not count itself.  Other jobs
	 * in state `new` count if their video is stored: their upload may have
	 * been accepted, and the asker can accept it.  NULL: `new` ones do not
	 * count. */
	const char *own;
	/* the result */
	char id[V2M_ID_SIZE];
	bool accepted;		/* false: it is `new` */
};

/* For v2m_store_each() over the records of the same bytes; arg is a struct
 * v2m_existing.  Returns 1, which ends the search, and sets id if this job has
 * or will have an MP3 with these options; else 0. */
int v2m_existing_visit(void *arg, struct v2m_record *r);

#endif
