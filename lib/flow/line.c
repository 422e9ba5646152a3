#include "flow/line.h"

#include <string.h>

#include "flow/lease.h"
#include "flow/taken.h"

/* The longest time that a message may be on its way before it counts as lost.
 * It is longer for a message that a process took, if that died before it
 * claimed the job: v2m_queue_held_ms(). */
#define GRACE_MS 60000

/* A delayed message may come back late: by up to a quarter of its pause, within
 * these limits (the steps of the RabbitMQ driver's delays). */
#define LATE_LEAST_MS 10000
#define LATE_MOST_MS 150000

/* After its message was published again, a job is left alone for this many
 * times the grace. */
#define AGAIN 10

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
late_ms(int64_t pause_ms)
{
	int64_t late = pause_ms / 4;

	return late < LATE_LEAST_MS ? LATE_LEAST_MS : late > LATE_MOST_MS ?
	    LATE_MOST_MS : late;
}

static int
look_at_order(struct v2m_services *s, const char *queue,
    struct v2m_line *line, struct v2m_err *err)
{
	int64_t newest, seen;
	int in_order;

	if (v2m_taken_newest(s, queue, &newest, &seen, err) < 0)
		return -1;
	if (newest == 0)
		return 0;
	in_order = v2m_queue_in_order(s->queue, queue, err);
	if (in_order == 1)
		line->before = newest - line->grace_ms;
	return in_order < 0 ? -1 : 0;
}

int
v2m_line_look(struct v2m_services *s, const char *queue,
    const struct v2m_filter *pausing, struct v2m_line *line,
    struct v2m_err *err)
{
	int64_t depth, ready, n = 0;

	memset(line, 0, sizeof *line);
	line->grace_ms = later(v2m_queue_held_ms(s->queue), sooner(GRACE_MS,
	    v2m_conf_number(s->conf, "lease")));
	if (v2m_store_now(s->store, &line->now, err) < 0 ||
	    v2m_queue_depth(s->queue, queue, &depth, err) < 0 ||
	    v2m_queue_ready(s->queue, queue, &ready, err) < 0 ||
	    (depth > 0 && v2m_store_count(s->store, pausing, &n, err) < 0))
		return -1;
	/* Messages of pausing jobs cannot be taken yet, so they are not in
	 * `ready`. */
	line->empty = ready == 0 && depth <= n;
	/* From an empty queue every message has been taken. */
	if (line->empty)
		line->before = line->now - line->grace_ms;
	else if (look_at_order(s, queue, line, err) < 0)
		return -1;
	return 0;
}

bool
v2m_line_lost_job(const struct v2m_line *line, const struct v2m_record *r)
{
	if (line->empty)
		return r->queued_at < line->before && r->due <= line->now;
	if (r->requeued_at > line->now - AGAIN * line->grace_ms)
		return false;
	return r->queued_at < line->before && (r->due == 0 || r->due +
	    late_ms(r->due - r->queued_at) < line->before);
}

bool
v2m_line_lost_end(const struct v2m_line *line, const struct v2m_record *r)
{
	int64_t published = later(r->end_published_at, r->end_again_at);

	/* Another process is publishing it. */
	if (!v2m_lease_is_over(r, line->now))
		return false;
	if (r->told == V2M_TOLD_SENDING) {
		if (!v2m_notify_lease_is_over(r, line->now))
			return false;
		if (!v2m_lease_is_wrong(r->notify_until, r->notify_lease_ms,
		    line->now))
			published = later(published, r->notify_until);
	}
	if (line->empty)
		return published < line->before && r->notify_due <= line->now;
	return published < line->before && (r->notify_due == 0 ||
	    r->notify_due + LATE_MOST_MS < line->before);
}
