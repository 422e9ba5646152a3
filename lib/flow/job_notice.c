#include "flow/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "flow/job_move.h"

#define MAX_TOLD_TRIES 2	/* notices whose fate nobody knows */

struct notice {
	int64_t now, lease_ms;
	char holder[V2M_HOLDER_SIZE];
	enum v2m_told result;
	const char *outcome;
	const char *reason;
};

static int
judge_notice(struct v2m_record *r, void *arg)
{
	struct notice *n = arg;

	if (r->state != V2M_JOB_DONE && r->state != V2M_JOB_FAILED) {
		n->result = V2M_TOLD_NOTHING;
		return 0;
	}
	v2m_job_forget_notice(r);
	if ((r->told[0] != '\0' && strcmp(r->told, "sending") != 0) ||
	    (r->state == V2M_JOB_DONE && r->mp3[0] == '\0')) {
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
	if (v2m_job_move(s, r, judge_notice, &n, err) >= 0)
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
	    (r->state != V2M_JOB_DONE && r->state != V2M_JOB_FAILED) ||
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
	return v2m_job_move(s, r, judge_notice_ours, &n, err);
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
	return v2m_job_move(s, r, judge_told, &n, err);
}
