/* The moves of a worker: claim, renew, commit, fail, postpone, hand back. */
#include "flow/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "flow/job_move.h"
#include "flow/lease.h"
#include "store/moved.h"

#define MAX_LOST 3		/* leases that may run out before it fails */
#define MOST_PAUSE_MS 600000

/* The state of a job that waits to be tried again. */
static enum v2m_state
resting_state(const struct v2m_record *r)
{
	return r->via == V2M_VIA_PIPE ? V2M_JOB_HELD : V2M_JOB_QUEUED;
}

/* The end of a pipe's job is not published: it counts as published, so that no
 * sweeper does it. */
static void
set_ended(struct v2m_record *r, int64_t now)
{
	r->done_at = now;
	r->end_published_at = r->via == V2M_VIA_PIPE ? now : 0;
	v2m_job_drop_lease(r);
}

static void
set_failed(struct v2m_record *r, enum v2m_code code, const char *reason,
    int64_t now)
{
	r->state = V2M_JOB_FAILED;
	r->failure = code;
	v2m_text_copy(r->reason, sizeof r->reason, reason);
	set_ended(r, now);
}

struct claim {
	bool named;
	int64_t now, lease_ms;
	char holder[V2M_HOLDER_SIZE];
	enum v2m_claim result;
	bool took_over;		/* from a worker that died */
};

/* A running job can be claimed if its worker's lease is over.  Its loss is
 * counted; at the third the job fails.  true: it may be claimed; else c->result
 * says why not. */
static bool
take_over(struct v2m_record *r, struct claim *c)
{
	c->result = V2M_CLAIM_TAKEN;
	if (!v2m_lease_is_over(r, c->now))
		return false;
	/* A wrong lease may count as over before its end: then its worker need
	 * not have died. */
	c->took_over = r->until <= c->now;
	r->lost += c->took_over;
	if (r->lost < MAX_LOST)
		return true;
	set_failed(r, V2M_FAILED, "its worker died three times", c->now);
	c->result = V2M_CLAIM_DIED;
	return false;
}

static int
judge_claim(struct v2m_record *r, void *arg)
{
	struct claim *c = arg;

	c->took_over = false;
	switch ((enum v2m_state)r->state) {
	case V2M_JOB_DONE:
	case V2M_JOB_FAILED:
	case V2M_JOB_CANCELLED:
		c->result = V2M_CLAIM_OVER;
		return 0;
	case V2M_JOB_HELD:
		if (!c->named) {
			c->result = V2M_CLAIM_HELD;
			return 0;
		}
		break;
	case V2M_JOB_NEW:
		/* The uploader describes what it stored, then publishes. */
		if (r->sha256[0] == '\0') {
			c->result = V2M_CLAIM_UNSTORED;
			return 0;
		}
		break;
	case V2M_JOB_QUEUED:
		if (!c->named && !v2m_pause_is_over(r, c->now)) {
			c->result = V2M_CLAIM_LATER;
			return 0;
		}
		break;
	case V2M_JOB_RUNNING:
		if (!take_over(r, c))
			return c->result == V2M_CLAIM_DIED;
		break;
	}
	r->state = V2M_JOB_RUNNING;
	r->fence++;
	v2m_text_copy(r->holder, sizeof r->holder, c->holder);
	r->until = c->now + c->lease_ms;
	r->lease_ms = c->lease_ms;
	r->progress = -1;
	c->result = V2M_CLAIMED;
	return 1;
}

static bool
has_job(const struct v2m_record *r, const char *holder)
{
	return strcmp(r->holder, holder) == 0;
}

int
v2m_job_claim(struct v2m_store *s, const char *id, bool named,
    int64_t lease_ms, struct v2m_record *r, struct v2m_err *err)
{
	struct claim c = { .named = named, .lease_ms = lease_ms };
	uint8_t token[16];

	v2m_random(token, sizeof token);
	v2m_text_hex(c.holder, token, sizeof token);
	if (v2m_store_get(s, id, r, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    v2m_store_now(s, &c.now, err) < 0)
		return -1;
	if (v2m_job_move(s, r, judge_claim, &c, err) >= 0) {
		if (c.took_over)
			v2m_metric_add(V2M_METRIC_LEASES_LOST, NULL, 1);
		return (int)c.result;
	}
	return v2m_job_settle(s, r, has_job, c.holder) == 1 ? V2M_CLAIMED : -1;
}

/* The lease that the caller has, to be compared with the record, and what the
 * move needs. */
struct hold {
	char holder[V2M_HOLDER_SIZE];
	int64_t fence, now;
	int64_t lease_ms;			/* renew */
	int progress;
	const struct v2m_record *result;	/* commit */
	const struct v2m_err *why;		/* fail, postpone */
	bool own_fault;
	const struct v2m_conf *conf;
};

static bool
ours(const struct v2m_record *r, const struct hold *h)
{
	return r->state == V2M_JOB_RUNNING && r->fence == h->fence &&
	    strcmp(r->holder, h->holder) == 0;
}

static int
hold_init(struct v2m_store *s, const struct v2m_record *r, struct hold *h,
    struct v2m_err *err)
{
	memset(h, 0, sizeof *h);
	memcpy(h->holder, r->holder, sizeof h->holder);
	h->fence = r->fence;
	return v2m_store_now(s, &h->now, err);
}

static int
judge_renew(struct v2m_record *r, void *arg)
{
	struct hold *h = arg;

	if (!ours(r, h))
		return 0;
	r->until = h->now + h->lease_ms;
	r->lease_ms = h->lease_ms;
	r->progress = h->progress;
	return 1;
}

int
v2m_job_renew(struct v2m_store *s, struct v2m_record *r, int64_t lease_ms,
    int progress, struct v2m_err *err)
{
	struct hold h;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	h.lease_ms = lease_ms;
	h.progress = progress;
	return v2m_job_move(s, r, judge_renew, &h, err);
}

static int
judge_commit(struct v2m_record *r, void *arg)
{
	struct hold *h = arg;

	if (!ours(r, h))
		return 0;
	memcpy(r->mp3, h->result->mp3, sizeof r->mp3);
	memcpy(r->mp3_sha256, h->result->mp3_sha256, sizeof r->mp3_sha256);
	memcpy(r->warnings, h->result->warnings, sizeof r->warnings);
	r->mp3_length = h->result->mp3_length;
	r->duration_ms = h->result->duration_ms;
	r->state = V2M_JOB_DONE;
	r->reason[0] = '\0';
	r->failure = 0;
	r->tries = 0;
	set_ended(r, h->now);
	return 1;
}

int
v2m_job_commit(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *result, struct v2m_err *err)
{
	struct v2m_err again;
	struct hold h;
	int put;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	h.result = result;
	put = v2m_job_move(s, r, judge_commit, &h, err);
	if (put == 1)
		return 1;
	/* This call or the last one may have been written although it failed.
	 * The ID of the MP3 shows it: no other run has this ID. */
	if (put < 0 && v2m_store_get(s, r->id, r, &again) < 0)
		return -1;
	return strcmp(r->mp3, result->mp3) == 0 ? 1 : put;
}

static int
judge_fail(struct v2m_record *r, void *arg)
{
	struct hold *h = arg;

	if (!ours(r, h))
		return 0;
	set_failed(r, h->why->code, h->why->msg, h->now);
	return 1;
}

int
v2m_job_fail(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, struct v2m_err *err)
{
	struct hold h;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	h.why = why;
	return v2m_job_move(s, r, judge_fail, &h, err);
}

static bool
is_hopeless(const struct v2m_record *r, const struct hold *h)
{
	int64_t give_up = v2m_conf_number(h->conf, "give_up_after");

	if (h->own_fault)
		return r->attempts >= v2m_conf_number(h->conf, "max_attempts");
	return give_up > 0 && h->now - r->first_tried_at >= give_up;
}

static int
judge_postpone(struct v2m_record *r, void *arg)
{
	struct hold *h = arg;

	if (!ours(r, h))
		return 0;
	if (h->own_fault)
		r->attempts++;
	if (r->first_tried_at == 0)
		r->first_tried_at = h->now;
	if (is_hopeless(r, h)) {
		set_failed(r, h->why->code, h->why->msg, h->now);
		return 1;
	}
	r->queued_at = h->now;
	r->due = h->now + v2m_backoff_ms(v2m_conf_number(h->conf,
	    "retry_pause"), MOST_PAUSE_MS, (unsigned)r->tries);
	r->tries++;
	r->state = resting_state(r);
	r->failure = h->why->code;
	v2m_text_copy(r->reason, sizeof r->reason, h->why->msg);
	v2m_job_drop_lease(r);
	return 1;
}

int
v2m_job_postpone(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, bool own_fault, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct hold h;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	h.why = why;
	h.own_fault = own_fault;
	h.conf = conf;
	return v2m_job_move(s, r, judge_postpone, &h, err);
}

static int
judge_hand_back(struct v2m_record *r, void *arg)
{
	const struct hold *h = arg;

	if (!ours(r, h))
		return 0;
	r->state = resting_state(r);
	r->queued_at = h->now;
	r->due = 0;
	v2m_job_drop_lease(r);
	return 1;
}

int
v2m_job_hand_back(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct hold h;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_hand_back, &h, err);
}
