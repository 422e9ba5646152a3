/* loop.h - the loop that workers and notifiers run.
 *
 * Take the next job: a message from a queue, or an ID from the operands or
 * stdin ("a pipe").  Call the step.  Acknowledge, release or bury the message
 * as the step says; in a pipe, report the ID.  Go on until a signal comes, or,
 * with --once and in a pipe, until nothing is left.  Any number of threads run
 * the same loop, each with its own connections.  A daemon waits for a service
 * that is away, and takes nothing while the jobs of its store are being moved
 * to another store, or have been (store/moved.h).
 */
#ifndef V2M_FLOW_LOOP_H
#define V2M_FLOW_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/items.h"
#include "flow/job_message.h"
#include "flow/services.h"
#include "flow/taken.h"

/* What to do with the message, and what to report of the job. */
enum v2m_verdict {
	V2M_SETTLED,		/* the job is done: acknowledge */
	V2M_SETTLED_WARNED,	/* the same, with warnings */
	V2M_SETTLED_FAILED,	/* it failed for good, see err: acknowledge */
	V2M_SETTLED_SILENT,	/* acknowledge, and report nothing */
	V2M_AGAIN,		/* deliver again after delay_ms, see err */
	V2M_NO_JOB,		/* there is no such job, see err: bury */
};

struct v2m_outcome {
	enum v2m_verdict verdict;
	int64_t delay_ms;
	struct v2m_err err;	/* V2M_AGAIN: code V2M_OK: it did not fail */
};

/* The job that a step works on.  message and parsed are NULL if the job was
 * named by its ID.  lent: another job goes first in place of the message's, and
 * the message was given back; parsed is NULL. */
struct v2m_task {
	const char *id;
	const struct v2m_queue_message *message;
	const struct v2m_job_message *parsed;
	bool lent;
};

struct v2m_loop;

/* The step; outcome is zeroed before.  Called in any of the threads. */
typedef void v2m_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

/* Report a job of a pipe on stdout, and count it in tally.  why NULL: it is
 * done (warned: with warnings); else it failed.  Called in any of the threads,
 * in one at a time.  false: stdout is closed, so the loop ends. */
typedef bool v2m_report(void *arg, struct v2m_tally *tally, const char *id,
    bool warned, const struct v2m_err *why);

struct v2m_loop {
	/* set by v2m_loop_init() */
	const struct v2m_conf *conf;
	struct v2m_items items;		/* of a pipe */
	bool named;			/* a pipe: jobs come by their IDs */
	bool once;			/* end when nothing can be taken */
	/* set by the caller */
	const char *queues[4];		/* to take from, NULL-ended */
	v2m_step *step;
	void *arg;			/* for the step */
	v2m_report *report;		/* of a pipe */
	void *report_arg;
	bool publishes;			/* a pipe that needs the queue, too */
	/* With once: end after two steps in a row that took this long and
	 * returned V2M_AGAIN; 0: never. */
	int64_t slow_ms;
	/* its own */
	pthread_mutex_t input;		/* protects items */
	pthread_mutex_t lock;		/* protects all below, and report */
	bool closed;			/* report returned false */
	struct v2m_tally tally;
	int slow;			/* how many slow steps in a row */
	struct v2m_taken taken;		/* has a lock of its own */
	bool failed;			/* a thread could not go on: see err */
	struct v2m_err err;
};

/* operands (borrowed, NULL behind the last) and null are as for
 * v2m_items_init(): the IDs of a pipe.  Without operands, jobs come from the
 * queues that the caller sets.  once: end when these are empty; not with
 * operands.  With once and in a pipe, only trouble is logged. */
void v2m_loop_init(struct v2m_loop *loop, const struct v2m_conf *conf,
    char **operands, bool null, bool once);
void v2m_loop_release(struct v2m_loop *loop);

/* Before the work begins, open all services once, and close them.  -1: wrong
 * settings; a clock that is more than 15 s off the store's; with once or in a
 * pipe also a service that is away. */
int v2m_loop_try(const struct v2m_loop *loop, struct v2m_err *err);

/* Should a run give up after `tries` pauses, because err is not of what passes,
 * but of a full or broken disk, say?  A daemon never does. */
bool v2m_loop_gives_up(const struct v2m_loop *loop, const struct v2m_err *err,
    unsigned tries);

/* Log how a step ended, where that is trouble.  v2m_loop_run() does this for
 * the message's own job. */
void v2m_loop_log(struct v2m_loop *loop, const char *id,
    const struct v2m_outcome *outcome);

/* Run it in this number of threads until all have ended; meanwhile call idle,
 * unless it is NULL, about once a second in the calling thread.  Returns the
 * exit status.  v2m_stop_init() must have been called. */
int v2m_loop_run(struct v2m_loop *loop, int threads,
    void (*idle)(struct v2m_loop *loop));

#endif
