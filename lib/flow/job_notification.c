/* The moves of a notifier. */
#include "flow/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "flow/job_move.h"
#include "flow/lease.h"
#include "store/moved.h"

#define MAX_NOTIFY_TRIES 2	/* notifications whose fate is not known */

struct notification {
	bool named;
	int64_t restored;
	int64_t now, lease_ms, tries, refusals, pause_ms;
	int64_t failure;
	char holder[V2M_HOLDER_SIZE];
	enum v2m_notify_claim result;
	enum v2m_told outcome;
	const char *reason;
};

static void
set_lease(struct v2m_record *r, const struct notification *n)
{
	r->notify_until = n->now + n->lease_ms;
	r->notify_lease_ms = n->lease_ms;
}

/* Was a notice perhaps sent after the backup was made and before it was put
 * back?  Not if the job ended, or its notification was started again, after
 * that. */
static bool
is_doubtful(const struct v2m_record *r, const struct notification *n)
{
	return !n->named && r->done_at <= n->restored &&
	    r->notify_since <= n->restored;
}

static int
judge_claim_notification(struct v2m_record *r, void *arg)
{
	struct notification *n = arg;

	if (!v2m_job_has_ended(r)) {
		n->result = V2M_NOTIFY_NOTHING;
		return 0;
	}
	v2m_job_reset_notification(r);
	if (v2m_told_is_over((enum v2m_told)r->told) ||
	    (r->state == V2M_JOB_DONE && r->mp3[0] == '\0')) {
		n->result = V2M_NOTIFY_OVER;
		return 0;
	}
	if (r->told == V2M_TOLD_SENDING &&
	    !v2m_notify_lease_is_over(r, n->now)) {
		n->result = V2M_NOTIFY_TAKEN;
		return 0;
	}
	if (!n->named && !v2m_notify_pause_is_over(r, n->now)) {
		n->result = V2M_NOTIFY_LATER;
		return 0;
	}
	if (r->notify_tries >= MAX_NOTIFY_TRIES || is_doubtful(r, n)) {
		r->told = V2M_TOLD_MAYBE;
		n->result = V2M_NOTIFY_OVER;
		return 1;
	}
	r->told = V2M_TOLD_SENDING;
	v2m_text_copy(r->notify_holder, sizeof r->notify_holder, n->holder);
	set_lease(r, n);
	if (r->notify_since == 0)
		r->notify_since = n->now;
	n->result = V2M_NOTIFY_CLAIMED;
	return 1;
}

static bool
is_held(const struct v2m_record *r, const char *holder)
{
	return r->told == V2M_TOLD_SENDING &&
	    strcmp(r->notify_holder, holder) == 0;
}

int
v2m_job_claim_notification(struct v2m_store *s, const char *id,
    bool named, int64_t restored, int64_t lease_ms, struct v2m_record *r,
    struct v2m_err *err)
{
	struct notification n = { .named = named, .restored = restored,
	    .lease_ms = lease_ms };
	uint8_t token[16];

	v2m_random(token, sizeof token);
	v2m_text_hex(n.holder, token, sizeof token);
	if (v2m_job_find(s, id, r, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    v2m_store_now(s, &n.now, err) < 0)
		return -1;
	if (v2m_job_move(s, r, judge_claim_notification, &n, err) >= 0)
		return (int)n.result;
	return v2m_job_settle(s, r, is_held, n.holder) == 1 ?
	    V2M_NOTIFY_CLAIMED : -1;
}

static int
judge_renew_notification(struct v2m_record *r, void *arg)
{
	struct notification *n = arg;

	if (!is_held(r, n->holder) ||
	    !v2m_job_has_ended(r) || r->notify_generation != r->generation)
		return 0;
	set_lease(r, n);
	r->notify_tries++;
	return 1;
}

int
v2m_job_renew_notification(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err)
{
	struct notification n = { .lease_ms = lease_ms };

	memcpy(n.holder, r->notify_holder, sizeof n.holder);
	if (v2m_store_now(s, &n.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_renew_notification, &n, err);
}

static int
judge_end_notification(struct v2m_record *r, void *arg)
{
	struct notification *n = arg;

	if (!is_held(r, n->holder))
		return 0;
	r->notify_tries = n->tries;
	r->notify_refusals = n->refusals;
	r->told = n->outcome;
	v2m_text_copy(r->notify_reason, sizeof r->notify_reason, n->reason);
	r->notify_failure = n->failure;
	r->notify_until = r->notify_lease_ms = 0;
	r->notify_due = 0;
	if (n->outcome == V2M_TOLD_NOT_YET) {
		r->notify_due = n->now + n->pause_ms;
		r->notify_pauses++;
	}
	return 1;
}

int
v2m_job_end_notification(struct v2m_store *s, struct v2m_record *r,
    enum v2m_told outcome, int64_t pause_ms, const struct v2m_err *why,
    struct v2m_err *err)
{
	struct notification n = { .outcome = outcome, .pause_ms = pause_ms,
	    .tries = r->notify_tries, .refusals = r->notify_refusals,
	    .reason = why == NULL ? "" : why->msg,
	    .failure = why == NULL ? 0 : (int64_t)why->code };

	memcpy(n.holder, r->notify_holder, sizeof n.holder);
	if (v2m_store_now(s, &n.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_end_notification, &n, err);
}

static void
start_anew(struct v2m_record *r, int64_t now)
{
	r->told = V2M_TOLD_NOT_YET;
	r->notify_reason[0] = '\0';
	r->notify_tries = r->notify_failure = 0;
	r->notify_pauses = r->notify_refusals = 0;
	r->notify_until = r->notify_lease_ms = r->notify_due = 0;
	r->notify_since = now;
	/* The caller publishes it; a sweep may do so once more. */
	r->end_published_at = now;
	r->end_again_at = 0;
}

static enum v2m_notify_again
may_start_anew(const struct v2m_record *r, bool force)
{
	if (!v2m_job_has_ended(r))
		return V2M_NOTIFY_NO_END;
	if (r->notify_generation != r->generation ||
	    !v2m_told_is_over((enum v2m_told)r->told))
		return V2M_NOTIFY_WAITS;
	if (r->told == V2M_TOLD_NEVER)
		return V2M_NOTIFY_NEVER;
	if (r->told == V2M_TOLD_SENT && !force)
		return V2M_NOTIFY_WAS_SENT;
	return r->state == V2M_JOB_DONE && r->mp3[0] == '\0' ?
	    V2M_NOTIFY_NO_MP3 : V2M_NOTIFY_AGAIN;
}

struct repetition {
	bool force;
	int64_t now;
	enum v2m_notify_again result;
};

static int
judge_again(struct v2m_record *r, void *arg)
{
	struct repetition *again = arg;

	again->result = may_start_anew(r, again->force);
	if (again->result != V2M_NOTIFY_AGAIN)
		return 0;
	start_anew(r, again->now);
	return 1;
}

int
v2m_job_notify_again(struct v2m_store *s, struct v2m_record *r, bool force,
    struct v2m_err *err)
{
	struct repetition again = { .force = force };

	if (v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    v2m_store_now(s, &again.now, err) < 0 ||
	    v2m_job_move(s, r, judge_again, &again, err) < 0)
		return -1;
	return (int)again.result;
}

static int
judge_silence(struct v2m_record *r, void *arg)
{
	const struct notification *n = arg;
	bool sending;

	v2m_job_reset_notification(r);
	sending = r->told == V2M_TOLD_SENDING;
	if (sending ? !v2m_notify_lease_is_over(r, n->now) :
	    r->told != V2M_TOLD_NOT_YET)
		return 0;
	r->told = V2M_TOLD_NEVER;
	r->notify_until = r->notify_lease_ms = 0;
	return 1;
}

int
v2m_job_silence(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct notification n = { .outcome = V2M_TOLD_NEVER };

	if (v2m_store_now(s, &n.now, err) < 0)
		return -1;
	return v2m_job_move(s, r, judge_silence, &n, err);
}
