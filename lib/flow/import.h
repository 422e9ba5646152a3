/* import.h - moves all jobs, accounts, videos and MP3s of another v2m here.
 *
 * Below, "the other one" is the v2m that the jobs come from.
 *
 * Any number of runs copy while the other one is in use.  What is here already
 * is not copied again, so a run that was killed can be repeated.  The length
 * and the SHA-256 of every object are checked.  Until the move is complete,
 * nothing else may write here.
 *
 * The final run copies once more, and then: closes the other one to new work;
 * waits until its workers and notifiers have finished theirs; closes it for
 * good; copies the rest and the accounts; publishes the waiting jobs to the
 * queues here.  From then on this v2m is in use, and the other one tells its
 * programs where the jobs are (store/moved.h).  Records keep their IDs and all
 * fields, so no notice is sent twice.  Uploads that are not complete are not
 * moved, but counted; tickets and messages are not moved either.
 */
#ifndef V2M_FLOW_IMPORT_H
#define V2M_FLOW_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_import {
	bool final;
	bool leave_failed;	/* move without objects that cannot be copied */
	/* Called for an object or account that cannot be copied. */
	void (*failed)(void *arg, const char *item, const struct v2m_err *err);
	/* Called while n jobs and notices are still being worked on there; or
	 * NULL. */
	void (*waiting)(void *arg, int64_t n);
	/* Called with the bytes that were copied so far; or NULL. */
	void (*copied)(void *arg, int64_t bytes);
	void *arg;
	/* the result */
	int64_t jobs;		/* records that were copied, or changed */
	int64_t objects, bytes;	/* that were copied */
	/* the result of the final run */
	int64_t accounts;	/* that were added */
	int64_t published;	/* jobs and notices in the queues */
	int64_t unfinished;	/* uploads that were not moved */
	bool was_complete;	/* before this run */
	bool closes;		/* the other one accepts nothing new now */
};

/* Copy from the v2m of the configuration `from` to that of `to`, which has been
 * set up.  V2M_CONFIG: both have the same store; this one has jobs of its own;
 * the other one has moved elsewhere.  V2M_TEMP: a service is away or a signal
 * came; run it again.  V2M_IO, V2M_CANTCREATE: the final run stopped, because
 * objects cannot be copied. */
int v2m_import(const struct v2m_conf *to, const struct v2m_conf *from,
    struct v2m_import *i, struct v2m_err *err);

/* Open the other one again, which is possible until the final run is complete.
 * What was copied stays here, and v2m_import() may go on later.  A run that is
 * going on ends with V2M_TEMP.  V2M_CONFIG: the move is complete. */
int v2m_import_cancel(const struct v2m_conf *to, const struct v2m_conf *from,
    struct v2m_err *err);

#endif
