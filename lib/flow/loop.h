/* loop.h - the loop that workers and notifiers run.
 *
 * Take the next job, from queues or by ID from stdin and operands; do one step
 * with it; acknowledge, release or bury its message as the step says; report
 * its ID where it came by a pipe; until the source is empty (--once, a pipe) or
 * a signal comes.  Any number of threads run the same loop, each with its own
 * connections.  A daemon waits for a service that is away.
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

/* What is to become of the message, and what to say of the job. */
enum v2m_verdict {
	V2M_SETTLED,		/* recorded as over: acknowledge */
	V2M_SETTLED_WARNED,	/* the same, done with warnings */
	V2M_SETTLED_FAILED,	/* the same, it failed for good: see err */
	V2M_SETTLED_SILENT,	/* acknowledge, and there is nothing to say */
	V2M_AGAIN,		/* deliver again after delay_ms: see err */
	V2M_NO_JOB,		/* no job at all: bury: see err */
};

struct v2m_outcome {
	enum v2m_verdict verdict;
	int64_t delay_ms;
	struct v2m_err err;	/* V2M_AGAIN: code V2M_OK says "no failure" */
};

/* One job at hand.  message and parsed are NULL where it was named.  lent: the
 * message is another job's and was given back; parsed is NULL. */
struct v2m_task {
	const char *id;
	const struct v2m_queue_message *message;
	const struct v2m_job_message *parsed;
	bool lent;
};

struct v2m_loop;

/* The step; outcome comes zeroed.  Runs in any of the threads. */
typedef void v2m_step(struct v2m_loop *loop, struct v2m_services *services,
    const struct v2m_task *task, struct v2m_outcome *outcome);

/* A job of a pipe has ended: why NULL, it is done (warned: with warnings),
 * else it has failed.  Says so to whoever started the command, and counts in
 * tally.  Runs in any of the threads, in one at a time.  false: nobody reads
 * the results any more, so the loop ends. */
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
	int64_t slow_ms;		/* with once: end after two steps in a
					 * row that took so long and are to be
					 * tried again; 0: go on with others */
	/* its own */
	pthread_mutex_t input;		/* of each */
	pthread_mutex_t lock;		/* of all below, and of report */
	bool deaf;			/* report returned false */
	struct v2m_tally tally;
	int slow;			/* how many such steps in a row */
	struct v2m_taken taken;		/* has a lock of its own */
	bool failed;			/* a thread could not go on: see err */
	struct v2m_err err;
};

/* operands (borrowed, NULL behind the last) are a pipe's IDs, null as
 * v2m_items_init() has it; without operands jobs come from the queues that the
 * caller then names.  once: end when these are empty; not with operands.  Runs
 * that end by themselves log what is not as it should be, and no more. */
void v2m_loop_init(struct v2m_loop *loop, const struct v2m_conf *conf,
    char **operands, bool null, bool once);
void v2m_loop_release(struct v2m_loop *loop);

/* Open everything once before the work begins.  -1: wrong settings, a clock
 * that is more than 15 s off the store's, or a service that is away where the
 * loop does not wait for it (once, or a pipe). */
int v2m_loop_try(const struct v2m_loop *loop, struct v2m_err *err);

/* Has a run that is no daemon waited long enough, in `tries` pauses, for a disk
 * that stays full? */
bool v2m_loop_full(const struct v2m_loop *loop, const struct v2m_err *err,
    unsigned tries);

/* What a queued job comes to goes to the log.  v2m_loop_run() does it for the
 * message's own. */
void v2m_loop_log(struct v2m_loop *loop, const char *id,
    const struct v2m_outcome *outcome);

/* Run it with so many threads until all have ended; meanwhile call idle about
 * once a second in the calling thread (NULL: nothing).  Returns the exit
 * status.  v2m_stop_init() must have been called. */
int v2m_loop_run(struct v2m_loop *loop, int threads,
    void (*idle)(struct v2m_loop *loop));

#endif
