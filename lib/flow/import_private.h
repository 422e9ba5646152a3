/* import_private.h - what the files of import.h share, and nobody else.
 *
 * Files: import.c (the steps, and the marks in both stores), import_records.c,
 * import_objects.c, import_small.c (documents and accounts), import_publish.c.
 */
#ifndef V2M_FLOW_IMPORT_PRIVATE_H
#define V2M_FLOW_IMPORT_PRIVATE_H

#include "flow/import.h"
#include "flow/services.h"
#include "store/moved.h"

#define V2M_IMPORT_BUFFER (1024 * 1024)

struct v2m_import_run {
	struct v2m_services from, to;
	struct v2m_import *i;
	/* the marks in both, as far as this run knows */
	enum v2m_moved_state mark_from, mark_to;
	bool closed;		/* nobody writes to the other store any more */
	char *buf;		/* of V2M_IMPORT_BUFFER */
	char (*left)[V2M_ID_SIZE];	/* objects that failed; owned */
	size_t nleft;
	enum v2m_code left_code;	/* of the last one that failed */
	struct v2m_err err;	/* of a callback that failed */
};

/* --- import_objects.c --- */

/* Copy all objects, but not those whose record does not need them any more. */
int v2m_import_objects(struct v2m_import_run *run, struct v2m_err *err);

/* Copy the video and the MP3 of a record, as far as they exist there. */
int v2m_import_objects_of(struct v2m_import_run *run,
    const struct v2m_record *r, struct v2m_err *err);

/* --- import_records.c --- */

/* Make the records here equal to those there, and copy their objects.  With
 * run->closed, each record there is written once more, so that a process that
 * read it earlier can no longer change it. */
int v2m_import_records(struct v2m_import_run *run, struct v2m_err *err);

/* How many jobs and notices are being worked on there? */
int v2m_import_count_held(struct v2m_import_run *run, int64_t *n,
    struct v2m_err *err);

/* --- import_small.c --- */

int v2m_import_documents(struct v2m_import_run *run, struct v2m_err *err);

/* Add the accounts.  One that exists here stays as it is. */
int v2m_import_accounts(struct v2m_import_run *run, struct v2m_err *err);

/* --- import_publish.c --- */

/* Publish what waits, to the queues here.  Does nothing if both have the same
 * queues: the messages are there already. */
int v2m_import_publish(struct v2m_import_run *run, struct v2m_err *err);

#endif
