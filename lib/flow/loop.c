#include "flow/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "store/moved.h"

#define MAX_THREADS 256
#define TAKE_MS 1000
#define AWAY_FIRST_MS 500
#define AWAY_MOST_MS 30000
#define PIPE_POLL_MS 500
#define LASTING_TRIES 4	/* some seconds */
#define MOST_OFF_MS 15000	/* between our clock and the store's */

void
v2m_loop_init(struct v2m_loop *loop, const struct v2m_conf *conf,
    char **operands, bool null, bool once)
{
	memset(loop, 0, sizeof *loop);
	loop->conf = conf;
	loop->once = once;
	loop->named = operands[0] != NULL;
	v2m_items_init(&loop->items, operands, null);
	pthread_mutex_init(&loop->taken.lock, NULL);
	if (once || loop->named)
		v2m_log_terse();
}

void
v2m_loop_release(struct v2m_loop *loop)
{
	v2m_items_release(&loop->items);
	pthread_mutex_destroy(&loop->taken.lock);
}

/* Leases are compared between machines. */
static int
check_clock(struct v2m_store *store, struct v2m_err *err)
{
	int64_t theirs, off;

	if (v2m_store_now(store, &theirs, err) < 0)
		return -1;
	off = v2m_wall_ms() - theirs;
	if (off >= -MOST_OFF_MS && off <= MOST_OFF_MS)
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "this machine's clock is %" PRId64
	    " s %s the store's: set it right first", (off < 0 ? -off : off) /
	    1000, off < 0 ? "behind" : "ahead of");
}

int
v2m_loop_try(const struct v2m_loop *loop, struct v2m_err *err)
{
	struct v2m_services s;
	int ret = -1;

	if (v2m_services_open(&s, loop->conf, !loop->named || loop->publishes,
	    err) == 0) {
		ret = check_clock(s.store, err);
		v2m_services_close(&s);
	}
	return ret < 0 && err->code == V2M_TEMP && !loop->named &&
	    !loop->once ? 0 : ret;
}

/* Such as a service that does not answer, but not a full or broken disk. */
static bool
may_pass(const struct v2m_err *err)
{
	return (err->code == V2M_TEMP || err->code == V2M_UNAVAILABLE) &&
	    err->sys != ENOSPC && err->sys != EDQUOT;
}

bool
v2m_loop_gives_up(const struct v2m_loop *loop, const struct v2m_err *err,
    unsigned tries)
{
	return (loop->once || loop->named) && tries > LASTING_TRIES &&
	    !may_pass(err);
}

/* Tell the caller of the command how a named job ended. */
static void
report_named(struct v2m_loop *loop, const char *id,
    const struct v2m_outcome *o)
{
	bool warned = o->verdict == V2M_SETTLED_WARNED;
	bool done = warned || o->verdict == V2M_SETTLED;

	if (o->verdict == V2M_SETTLED_SILENT)
		return;
	pthread_mutex_lock(&loop->lock);
	loop->closed |= !loop->report(loop->report_arg, &loop->tally, id,
	    warned, done ? NULL : &o->err);
	pthread_mutex_unlock(&loop->lock);
}

/* The owner of a queued job is told by a notice, and a failed job is not a
 * failure of the worker: so only the log is written here. */
void
v2m_loop_log(struct v2m_loop *loop, const char *id,
    const struct v2m_outcome *o)
{
	if (o->verdict == V2M_AGAIN && o->err.code != V2M_OK) {
		v2m_metric_add(V2M_METRIC_POSTPONED,
		    v2m_code_word(o->err.code), 1);
		v2m_event_always(id, "postponed", "result=tempfail pause_ms=%"
		    PRId64 " reason=\"%s\"", o->delay_ms, o->err.msg);
		pthread_mutex_lock(&loop->lock);
		v2m_tally_failed(&loop->tally, V2M_TEMP);
		pthread_mutex_unlock(&loop->lock);
	} else if (o->verdict == V2M_NO_JOB) {
		v2m_metric_add(V2M_METRIC_BURIED, NULL, 1);
		v2m_event_always(id, "buried", "result=permfail reason=\"%s\"",
		    o->err.msg);
	}
}

/* A step was slow and failed: the next job would meet the same trouble. */
static void
count_slow(struct v2m_loop *loop, const struct v2m_outcome *o,
    int64_t took_ms)
{
	bool slow = loop->slow_ms > 0 && took_ms >= loop->slow_ms &&
	    o->verdict == V2M_AGAIN && o->err.code != V2M_OK;

	pthread_mutex_lock(&loop->lock);
	loop->slow = slow ? loop->slow + 1 : 0;
	pthread_mutex_unlock(&loop->lock);
}

static bool
is_stuck(struct v2m_loop *loop)
{
	bool stuck;

	pthread_mutex_lock(&loop->lock);
	stuck = loop->once && loop->slow > 1;
	pthread_mutex_unlock(&loop->lock);
	if (stuck)
		v2m_event_always(NULL, "ended", "reason=\"no answer twice in a "
		    "row: the others are left for the next run\"");
	return stuck;
}

static int
settle_message(struct v2m_services *s, const struct v2m_queue_message *m,
    const struct v2m_outcome *o, struct v2m_err *err)
{
	switch (o->verdict) {
	case V2M_AGAIN:
		return v2m_queue_release(s->queue, m, o->delay_ms, err);
	case V2M_NO_JOB:
		return v2m_queue_bury(s->queue, m, err);
	default:
		return v2m_queue_ack(s->queue, m, err);
	}
}

/* The jobs of this store have moved: give the message back to the workers of
 * the other store, or for later.  Returns -1. */
static int
give_back(struct v2m_services *s, struct v2m_queue_message *m)
{
	struct v2m_err ignored;	/* then it comes back by itself */

	v2m_queue_release(s->queue, m, 0, &ignored);
	v2m_queue_message_release(m);
	return -1;
}

/* 1: a message was dealt with; 0: none came; -1. */
static int
one_message(struct v2m_loop *loop, struct v2m_services *s,
    struct v2m_err *err)
{
	struct v2m_job_message parsed;
	struct v2m_outcome outcome = { .verdict = V2M_NO_JOB };
	struct v2m_queue_message m;
	int got = v2m_queue_take(s->queue, loop->queues,
	    loop->once ? 0 : TAKE_MS, &m, err);

	if (got == 0)
		v2m_taken_idle(&loop->taken, s, loop->queues[0]);
	if (got <= 0)
		return got;
	if (v2m_moved_is_elsewhere(s->store, err))
		return give_back(s, &m);
	v2m_taken_note(&loop->taken, s, &m);
	if (v2m_job_message_parse(&parsed, m.body, m.length,
	    &outcome.err) == 0) {
		struct v2m_task task = { parsed.video, &m, &parsed, false };
		int64_t since = v2m_mono_ms();

		memset(&outcome, 0, sizeof outcome);
		loop->step(loop, s, &task, &outcome);
		count_slow(loop, &outcome, v2m_mono_ms() - since);
	}
	v2m_loop_log(loop, parsed.video[0] == '\0' ? NULL : parsed.video,
	    &outcome);
	got = settle_message(s, &m, &outcome, err) < 0 ? -1 : 1;
	v2m_queue_message_release(&m);
	return got;
}

/* If another worker has the job, wait until it has ended: the ID is to be
 * printed when the job is done. */
static void
step_named(struct v2m_loop *loop, struct v2m_services *s, const char *id,
    struct v2m_outcome *outcome)
{
	struct v2m_task task = { id, NULL, NULL, false };

	for (;;) {
		memset(outcome, 0, sizeof *outcome);
		loop->step(loop, s, &task, outcome);
		if (outcome->verdict != V2M_AGAIN ||
		    outcome->err.code != V2M_OK)
			return;
		if (v2m_stop_sleep(PIPE_POLL_MS) > 0) {
			v2m_err_set(&outcome->err, V2M_TEMP, "interrupted");
			return;
		}
	}
}

static bool
is_closed(struct v2m_loop *loop)
{
	bool closed;

	pthread_mutex_lock(&loop->lock);
	closed = loop->closed;
	pthread_mutex_unlock(&loop->lock);
	return closed;
}

static int
one_named(struct v2m_loop *loop, struct v2m_services *s, struct v2m_err *err)
{
	struct v2m_outcome outcome = { .verdict = V2M_NO_JOB };
	char id[64];
	char *item;
	int got;

	pthread_mutex_lock(&loop->input);
	got = is_closed(loop) ? 0 : v2m_items_next(&loop->items, &item, err);
	if (got == 1)
		v2m_text_copy(id, sizeof id, item);
	pthread_mutex_unlock(&loop->input);
	if (got <= 0)
		return got;
	if (v2m_id_check(id, &outcome.err) == 0)
		step_named(loop, s, id, &outcome);
	report_named(loop, id, &outcome);
	return 1;
}

/* What stops one thread would stop all.  It is better to end the command, which
 * is noticed, than to go on with fewer threads. */
static void
give_up(struct v2m_loop *loop, const struct v2m_err *err)
{
	pthread_mutex_lock(&loop->lock);
	if (!loop->failed) {
		loop->failed = true;
		loop->err = *err;
		v2m_warn("%s", err->msg);
	}
	pthread_mutex_unlock(&loop->lock);
	v2m_stop_now();
}

/* Should the loop wait and try again after this failure, or end? */
static bool
worth_waiting(const struct v2m_loop *loop, const struct v2m_err *err)
{
	return !loop->named && !loop->once &&
	    (err->code == V2M_TEMP || err->code == V2M_IO ||
	    err->code == V2M_UNAVAILABLE);
}

/* Work until the source is empty or a signal comes: 0; until it fails: -1. */
static int
work_connected(struct v2m_loop *loop, struct v2m_services *s,
    unsigned *failures, struct v2m_err *err)
{
	if (!loop->named && v2m_moved_is_elsewhere(s->store, err))
		return -1;
	while (v2m_stop_count() == 0) {
		int got = loop->named ? one_named(loop, s, err) :
		    one_message(loop, s, err);

		if (got < 0)
			return -1;
		*failures = 0;
		if ((got == 0 && (loop->once || loop->named)) ||
		    is_stuck(loop))
			return 0;
	}
	return 0;
}

static void *
run_thread(void *arg)
{
	struct v2m_loop *loop = arg;
	struct v2m_services s;
	unsigned failures = 0;
	struct v2m_err err;

	while (v2m_stop_count() == 0) {
		int64_t pause;
		int ended = -1;

		if (v2m_services_open(&s, loop->conf, !loop->named ||
		    loop->publishes, &err) == 0) {
			ended = work_connected(loop, &s, &failures, &err);
			v2m_services_close(&s);
		}
		if (ended == 0)
			break;
		if (!worth_waiting(loop, &err)) {
			give_up(loop, &err);
			break;
		}
		pause = v2m_backoff_ms(AWAY_FIRST_MS, AWAY_MOST_MS, failures++);
		v2m_event_always(NULL, "waiting", "pause_ms=%" PRId64
		    " reason=\"%s\"",
		    pause, err.msg);
		v2m_stop_sleep((int)pause);
	}
	return NULL;
}

static int
exit_status(const struct v2m_loop *loop)
{
	if (loop->failed)
		return (int)loop->err.code;
	/* A daemon that was told to stop has done its duty. */
	if (!loop->named && !loop->once)
		return V2M_OK;
	return v2m_tally_status(&loop->tally);
}

struct team {
	struct v2m_loop *loop;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int running;
};

static void *
member(void *arg)
{
	struct team *team = arg;

	run_thread(team->loop);
	pthread_mutex_lock(&team->lock);
	team->running--;
	pthread_cond_signal(&team->ended);
	pthread_mutex_unlock(&team->lock);
	return NULL;
}

/* Wait for the threads, calling idle and telling systemd once a second. */
static void
supervise(struct team *team, void (*idle)(struct v2m_loop *loop))
{
	pthread_mutex_lock(&team->lock);
	while (team->running > 0) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&team->ended, &team->lock, &until);
		v2m_systemd_alive();
		v2m_metrics_turn();
		if (v2m_stop_count() > 0)
			v2m_systemd_stopping();
		if (idle != NULL && team->running > 0) {
			pthread_mutex_unlock(&team->lock);
			idle(team->loop);
			pthread_mutex_lock(&team->lock);
		}
	}
	pthread_mutex_unlock(&team->lock);
}

int
v2m_loop_run(struct v2m_loop *loop, int threads,
    void (*idle)(struct v2m_loop *loop))
{
	struct team team = { .loop = loop };
	pthread_t ids[MAX_THREADS];
	pthread_condattr_t attr;
	struct v2m_err err;
	int i, n = 0;

	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	pthread_mutex_init(&loop->input, NULL);
	pthread_mutex_init(&loop->lock, NULL);
	pthread_mutex_init(&team.lock, NULL);
	/* A monotonic clock: setting the time does not delay idle. */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&team.ended, &attr);
	pthread_condattr_destroy(&attr);
	memset(&loop->tally, 0, sizeof loop->tally);
	loop->failed = loop->closed = false;
	team.running = threads;
	while (n < threads && pthread_create(&ids[n], NULL, member,
	    &team) == 0)
		n++;
	pthread_mutex_lock(&team.lock);
	team.running -= threads - n;
	pthread_mutex_unlock(&team.lock);
	if (n < threads) {
		v2m_err_set(&err, V2M_TEMP, "cannot make %d threads", threads);
		give_up(loop, &err);
	}
	supervise(&team, idle);
	for (i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	pthread_cond_destroy(&team.ended);
	pthread_mutex_destroy(&team.lock);
	pthread_mutex_destroy(&loop->lock);
	pthread_mutex_destroy(&loop->input);
	return exit_status(loop);
}
