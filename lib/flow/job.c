#include "flow/job.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define MAX_LOST 3		/* leases that may run out before it fails */
#define MAX_TOLD_TRIES 2	/* notices whose fate nobody knows */
#define MOST_PAUSE_MS 600000

/* A move judges the record and changes it: 1 write it, 0 leave it. */
typedef int move(struct v2m_record *r, void *arg);

/* On -1 *r is as it was, so that another move can be tried. */
static int
change(struct v2m_store *s, struct v2m_record *r, move *judge, void *arg,
    struct v2m_err *err)
{
	struct v2m_record now = *r;

	while (judge(&now, arg) == 1) {
		int put = v2m_store_put(s, &now, err);

		if (put < 0)
			return -1;
		if (put == 1) {
			*r = now;
			return 1;
		}
		if (v2m_store_get(s, r->id, &now, err) < 0)
			return -1;
		*r = now;
	}
	*r = now;
	return 0;
}

int
v2m_job_find(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_err first;

	if (!v2m_id_valid(id))
		return v2m_err_set(err, V2M_NOINPUT,
		    "this is no ID (24 hexadecimal digits)");
	if (v2m_store_get(s, id, r, &first) == 0)
		return 0;
	if (first.code != V2M_NOINPUT) {
		*err = first;
		return -1;
	}
	return v2m_store_get_by_mp3(s, id, r, err);
}

struct acceptance {
	enum v2m_state state;
	int64_t now;
};

static int
judge_accept(struct v2m_record *r, void *arg)
{
	const struct acceptance *a = arg;

	if (r->state != V2M_NEW)
		return 0;
	r->state = a->state;
	r->queued_at = a->now;
	return 1;
}

int
v2m_job_accept(struct v2m_store *s, struct v2m_record *r,
    enum v2m_state state, struct v2m_err *err)
{
	struct acceptance a = { .state = state };

	if (v2m_store_now(s, &a.now, err) < 0)
		return -1;
	return change(s, r, judge_accept, &a, err);
}

static int
judge_cancel(struct v2m_record *r, void *arg)
{
	(void)arg;
	if (r->state != V2M_NEW)
		return 0;
	r->state = V2M_CANCELLED;
	return 1;
}

int
v2m_job_cancel(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	return change(s, r, judge_cancel, NULL, err);
}

/* The end of a run, whatever comes next. */
static void
drop_lease(struct v2m_record *r)
{
	r->holder[0] = '\0';
	r->until = 0;
	r->progress = -1;
}

/* Where a job waits that has to be tried again. */
static enum v2m_state
resting_state(const struct v2m_record *r)
{
	return strcmp(r->via, "pipe") == 0 ? V2M_HELD : V2M_QUEUED;
}

/* A pipe's job has no message to be published: its end is announced as it is,
 * so that no sweeper ever asks for it. */
static void
set_ended(struct v2m_record *r, int64_t now)
{
	r->done_at = now;
	r->announced = strcmp(r->via, "pipe") == 0 ? now : 0;
	drop_lease(r);
}

static void
set_failed(struct v2m_record *r, enum v2m_code code, const char *reason,
    int64_t now)
{
	r->state = V2M_FAILED_STATE;
	r->failure = code;
	v2m_text_copy(r->reason, sizeof r->reason, reason);
	set_ended(r, now);
}

struct claim {
	bool named;
	int64_t now, lease_ms;
	char holder[V2M_HOLDER_SIZE];
	enum v2m_claim result;
};

static int
judge_claim(struct v2m_record *r, void *arg)
{
	struct claim *c = arg;

	switch ((enum v2m_state)r->state) {
	case V2M_DONE:
	case V2M_FAILED_STATE:
	case V2M_CANCELLED:
		c->result = V2M_CLAIM_OVER;
		return 0;
	case V2M_HELD:
		if (!c->named) {
			c->result = V2M_CLAIM_HELD;
			return 0;
		}
		break;
	case V2M_NEW:
		/* The uploader describes what it stored, then publishes. */
		if (r->sha256[0] == '\0') {
			c->result = V2M_CLAIM_UNSTORED;
			return 0;
		}
		break;
	case V2M_QUEUED:
		if (!c->named && r->due > c->now) {
			c->result = V2M_CLAIM_LATER;
			return 0;
		}
		break;
	case V2M_RUNNING:
		if (r->until > c->now) {
			c->result = V2M_CLAIM_TAKEN;
			return 0;
		}
		if (++r->lost >= MAX_LOST) {
			set_failed(r, V2M_FAILED, "its worker died three times",
			    c->now);
			c->result = V2M_CLAIM_DIED;
			return 1;
		}
		break;
	}
	r->state = V2M_RUNNING;
	r->fence++;
	v2m_text_copy(r->holder, sizeof r->holder, c->holder);
	r->until = c->now + c->lease_ms;
	r->progress = -1;
	c->result = V2M_CLAIMED;
	return 1;
}

int
v2m_job_claim(struct v2m_store *s, const char *id, bool named,
    int64_t lease_ms, struct v2m_record *r, struct v2m_err *err)
{
	struct claim c = { .named = named, .lease_ms = lease_ms };
	uint8_t token[16];
	struct v2m_err again;

	v2m_random(token, sizeof token);
	v2m_text_hex(c.holder, token, sizeof token);
	if (v2m_store_get(s, id, r, err) < 0 ||
	    v2m_store_now(s, &c.now, err) < 0)
		return -1;
	if (change(s, r, judge_claim, &c, err) >= 0)
		return (int)c.result;
	/* The outcome may be unknown: the token decides whose it is. */
	if (v2m_store_get(s, id, r, &again) == 0 &&
	    strcmp(r->holder, c.holder) == 0)
		return V2M_CLAIMED;
	return -1;
}

/* What a holder was given, to be compared with what the record says now. */
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
	return r->state == V2M_RUNNING && r->fence == h->fence &&
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
	return change(s, r, judge_renew, &h, err);
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
	r->state = V2M_DONE;
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
	put = change(s, r, judge_commit, &h, err);
	if (put == 1)
		return 1;
	/* Unknown, now or at the last call?  The MP3's ID is this attempt's
	 * alone, so it tells. */
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
	return change(s, r, judge_fail, &h, err);
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
	r->due = h->now + v2m_backoff_ms(v2m_conf_number(h->conf,
	    "retry_pause"), MOST_PAUSE_MS, (unsigned)r->tries);
	r->tries++;
	r->state = resting_state(r);
	r->failure = h->why->code;
	v2m_text_copy(r->reason, sizeof r->reason, h->why->msg);
	drop_lease(r);
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
	return change(s, r, judge_postpone, &h, err);
}

static int
judge_hand_back(struct v2m_record *r, void *arg)
{
	if (!ours(r, arg))
		return 0;
	r->state = resting_state(r);
	r->due = 0;
	drop_lease(r);
	return 1;
}

int
v2m_job_hand_back(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct hold h;

	if (hold_init(s, r, &h, err) < 0)
		return -1;
	return change(s, r, judge_hand_back, &h, err);
}

static int
judge_announced(struct v2m_record *r, void *arg)
{
	if (r->announced != 0)
		return 0;
	r->announced = *(int64_t *)arg;
	return 1;
}

int
v2m_job_announced(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t now;

	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	return change(s, r, judge_announced, &now, err);
}

/* Only the one whose look is still the newest: no second judging. */
int
v2m_job_requeued(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	if (v2m_store_now(s, &r->queued_at, err) < 0)
		return -1;
	return v2m_store_put(s, r, err);
}

struct notice {
	int64_t now, lease_ms;
	char holder[V2M_HOLDER_SIZE];
	enum v2m_told result;
	const char *outcome;
	const char *reason;
};

/* A new generation has not been told anything yet. */
static void
forget_older_notice(struct v2m_record *r)
{
	if (r->told_generation == r->generation)
		return;
	r->told_generation = r->generation;
	r->told[0] = '\0';
	r->told_tries = 0;
	r->told_until = 0;
}

static int
judge_notice(struct v2m_record *r, void *arg)
{
	struct notice *n = arg;

	if (r->state != V2M_DONE && r->state != V2M_FAILED_STATE) {
		n->result = V2M_TOLD_NOTHING;
		return 0;
	}
	forget_older_notice(r);
	if ((r->told[0] != '\0' && strcmp(r->told, "sending") != 0) ||
	    (r->state == V2M_DONE && r->mp3[0] == '\0')) {
		n->result = V2M_TOLD;
		return 0;
	}
	if (r->told[0] != '\0' && r->told_until > n->now) {
		n->result = V2M_TOLD_TAKEN;
		return 0;
	}
	if (r->told_tries >= MAX_TOLD_TRIES) {
		v2m_text_copy(r->told, sizeof r->told, "sent?");
		n->result = V2M_TOLD;
		return 1;
	}
	v2m_text_copy(r->told, sizeof r->told, "sending");
	v2m_text_copy(r->told_holder, sizeof r->told_holder, n->holder);
	r->told_until = n->now + n->lease_ms;
	r->told_tries++;
	n->result = V2M_TELL;
	return 1;
}

static bool
notice_is_held(const struct v2m_record *r, const char *holder)
{
	return strcmp(r->told, "sending") == 0 &&
	    strcmp(r->told_holder, holder) == 0;
}

int
v2m_job_claim_notice(struct v2m_store *s, const char *id, int64_t lease_ms,
    struct v2m_record *r, struct v2m_err *err)
{
	struct notice n = { .lease_ms = lease_ms };
	uint8_t token[16];
	struct v2m_err again;

	v2m_random(token, sizeof token);
	v2m_text_hex(n.holder, token, sizeof token);
	if (v2m_job_find(s, id, r, err) < 0 ||
	    v2m_store_now(s, &n.now, err) < 0)
		return -1;
	if (change(s, r, judge_notice, &n, err) >= 0)
		return (int)n.result;
	/* As with a job: the token tells what became of an unknown outcome,
	 * or a try would be counted that nobody made. */
	if (v2m_store_get(s, r->id, r, &again) == 0 &&
	    notice_is_held(r, n.holder))
		return V2M_TELL;
	return -1;
}

static int
judge_notice_ours(struct v2m_record *r, void *arg)
{
	struct notice *n = arg;

	if (!notice_is_held(r, n->holder) ||
	    (r->state != V2M_DONE && r->state != V2M_FAILED_STATE) ||
	    r->told_generation != r->generation)
		return 0;
	r->told_until = n->now + n->lease_ms;
	return 1;
}

int
v2m_job_notice_ours(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err)
{
	struct notice n = { .lease_ms = lease_ms };

	memcpy(n.holder, r->told_holder, sizeof n.holder);
	if (v2m_store_now(s, &n.now, err) < 0)
		return -1;
	return change(s, r, judge_notice_ours, &n, err);
}

static int
judge_told(struct v2m_record *r, void *arg)
{
	struct notice *n = arg;

	if (!notice_is_held(r, n->holder))
		return 0;
	/* What was refused before it was taken is no try of unknown fate. */
	if (n->outcome[0] == '\0')
		r->told_tries--;
	v2m_text_copy(r->told, sizeof r->told, n->outcome);
	v2m_text_copy(r->told_reason, sizeof r->told_reason, n->reason);
	r->told_until = 0;
	return 1;
}

int
v2m_job_told(struct v2m_store *s, struct v2m_record *r, const char *outcome,
    const struct v2m_err *why, struct v2m_err *err)
{
	struct notice n = { .outcome = outcome,
	    .reason = why == NULL ? "" : why->msg };

	memcpy(n.holder, r->told_holder, sizeof n.holder);
	return change(s, r, judge_told, &n, err);
}

static int
judge_fetched(struct v2m_record *r, void *arg)
{
	if (r->fetched_at != 0)
		return 0;
	r->fetched_at = *(int64_t *)arg;
	return 1;
}

int
v2m_job_fetched(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t now;

	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	return change(s, r, judge_fetched, &now, err);
}

static int
judge_remove(struct v2m_record *r, void *arg)
{
	(void)arg;
	if (r->state == V2M_CANCELLED)
		return 0;
	r->state = V2M_CANCELLED;
	v2m_text_copy(r->reason, sizeof r->reason, "removed");
	drop_lease(r);
	return 1;
}

int
v2m_job_remove(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	return change(s, r, judge_remove, NULL, err);
}

struct revival {
	bool again;
	int64_t now;
	enum v2m_revive result;
};

static void
start_anew(struct v2m_record *r)
{
	r->generation++;
	r->attempts = r->lost = r->tries = 0;
	r->first_tried_at = 0;
	r->reason[0] = r->warnings[0] = '\0';
	r->failure = 0;
	r->done_at = r->announced = r->fetched_at = 0;
	r->told_reason[0] = '\0';
	forget_older_notice(r);
	drop_lease(r);
}

static int
judge_revive(struct v2m_record *r, void *arg)
{
	struct revival *v = arg;

	switch ((enum v2m_state)r->state) {
	case V2M_NEW:
		v->result = V2M_REVIVE_UNSTORED;
		return 0;
	case V2M_CANCELLED:
		v->result = V2M_REVIVE_GONE;
		return 0;
	case V2M_RUNNING:
		v->result = V2M_REVIVE_BUSY;
		if (r->until > v->now)
			return 0;
		/* Whoever claims it next counts the lost lease. */
		v->result = V2M_REVIVED;
		r->queued_at = v->now;
		return 1;
	case V2M_DONE:
		v->result = V2M_REVIVE_DONE;
		if (!v->again)
			return 0;
		break;
	default:
		break;
	}
	if (r->video_gone != 0) {
		v->result = V2M_REVIVE_NO_VIDEO;
		return 0;
	}
	if (r->state == V2M_DONE || r->state == V2M_FAILED_STATE)
		start_anew(r);
	v->result = V2M_REVIVED;
	r->state = V2M_QUEUED;
	r->due = 0;
	r->queued_at = v->now;
	v2m_text_copy(r->via, sizeof r->via, "queue");
	return 1;
}

int
v2m_job_revive(struct v2m_store *s, struct v2m_record *r, bool again,
    struct v2m_err *err)
{
	struct revival v = { .again = again };

	if (v2m_store_now(s, &v.now, err) < 0 ||
	    change(s, r, judge_revive, &v, err) < 0)
		return -1;
	return (int)v.result;
}

struct prune {
	bool video, mp3;
	char id[V2M_ID_SIZE];		/* of the MP3 that was judged */
	int64_t generation, now;
};

static int
judge_prune(struct v2m_record *r, void *arg)
{
	struct prune *p = arg;

	if ((r->state != V2M_DONE && r->state != V2M_FAILED_STATE) ||
	    r->generation != p->generation || strcmp(r->mp3, p->id) != 0)
		return 0;
	if (p->video)
		r->video_gone = p->now;
	if (p->mp3)
		r->mp3[0] = '\0';
	return 1;
}

int
v2m_job_prune(struct v2m_store *s, struct v2m_record *r, bool video, bool mp3,
    struct v2m_err *err)
{
	struct prune p = { .video = video, .mp3 = mp3,
	    .generation = r->generation };

	memcpy(p.id, r->mp3, sizeof p.id);
	if (v2m_store_now(s, &p.now, err) < 0)
		return -1;
	return change(s, r, judge_prune, &p, err);
}
