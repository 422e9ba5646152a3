#include "flow/convert.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/convert_private.h"
#include "flow/foreign.h"
#include "flow/job.h"
#include "flow/missing_job.h"

#define FAST_RETURNS 8		/* of one message, in a row */

/* Claim a job of another owner that goes before the message's (flow/shares.h).
 * 1, 0; after an error 0: then the message's own job runs. */
static int
claim_other(struct v2m_converter *c, struct v2m_services *s,
    const struct v2m_task *task, int64_t lease_ms, struct v2m_record *r)
{
	struct v2m_record other;
	struct v2m_err err;
	int found;

	if (task->message == NULL || strcmp(v2m_conf_text(s->conf,
	    "converter"), "foreign") == 0)
		return 0;
	found = v2m_shares_other(&c->shares, s, task->id, &other, &err);
	if (found < 0)
		v2m_event_always(task->id, "unshared", "reason=\"%s\"",
		    err.msg);
	return found == 1 && v2m_job_claim(s->store, other.id, false, lease_ms,
	    r, &err) == V2M_CLAIMED;
}

/* Claim the message's job, or another that goes first (*lent).  Returns an enum
 * v2m_claim or -1. */
static int
claim_next(struct v2m_converter *c, struct v2m_services *s,
    const struct v2m_task *task, int64_t lease_ms, struct v2m_record *r,
    bool *lent, struct v2m_err *err)
{
	int claim = V2M_CLAIMED;

	pthread_mutex_lock(&c->shares.lock);
	*lent = claim_other(c, s, task, lease_ms, r) == 1;
	if (!*lent)
		claim = v2m_job_claim(s->store, task->id,
		    task->message == NULL, lease_ms, r, err);
	if (claim == V2M_CLAIMED)
		v2m_shares_began(&c->shares, r);
	pthread_mutex_unlock(&c->shares.lock);
	return claim;
}

/* Give back the message whose job has to wait.  queued_at is set anew, because
 * a message that was taken and comes back would look lost. */
static void
give_back(struct v2m_services *s, const struct v2m_task *task,
    const struct v2m_outcome *o)
{
	struct v2m_record passed;
	struct v2m_err err;

	if (v2m_store_get(s->store, task->id, &passed, &err) < 0 ||
	    (passed.state == V2M_JOB_QUEUED &&
	    v2m_job_requeued(s->store, &passed, &err) < 0))
		v2m_debug("%s: %s", task->id, err.msg);
	/* If this fails, the loop does it, after the other job. */
	if (v2m_queue_release(s->queue, task->message, o->delay_ms, &err) < 0)
		v2m_debug("%s: %s", task->id, err.msg);
}

/* Run another job in place of the message's.  The message is given back first,
 * so that a free worker can take it.  Now and then it is delayed: that goes by
 * a wait queue, and a broker may drop a message that comes back directly too
 * often. */
static void
run_other(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_record *r, struct v2m_outcome *o)
{
	struct v2m_task other = { r->id, task->message, NULL, true };
	struct v2m_outcome its = { .verdict = V2M_SETTLED };

	v2m_debug("%s: goes before %s", r->id, task->id);
	o->err.code = V2M_OK;
	v2m_convert_again(o, task->message->deliveries % FAST_RETURNS == 0 ?
	    1000 : 0);
	give_back(s, task, o);
	v2m_convert_run(loop, s, &other, r, &its);
	v2m_loop_log(loop, r->id, &its);
}

static void
act_on_claim(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, enum v2m_claim claim, struct v2m_record *r,
    struct v2m_outcome *o)
{
	switch (claim) {
	case V2M_CLAIMED:
		v2m_convert_run(loop, s, task, r, o);
		break;
	case V2M_CLAIM_DIED:
		v2m_convert_log_failed(task, r);
		v2m_convert_conclude(s, task, r, o);
		break;
	case V2M_CLAIM_OVER:
		v2m_convert_conclude(s, task, r, o);
		break;
	case V2M_CLAIM_TAKEN:
		v2m_convert_again(o, r->until - v2m_wall_ms());
		break;
	case V2M_CLAIM_LATER:
		v2m_convert_again(o, r->due - v2m_wall_ms());
		break;
	case V2M_CLAIM_HELD:
		o->verdict = V2M_SETTLED_SILENT;
		break;
	case V2M_CLAIM_UNSTORED:
		o->verdict = task->message == NULL ? V2M_SETTLED_FAILED :
		    V2M_SETTLED_SILENT;
		v2m_err_set(&o->err, V2M_TEMP, "its upload has not ended");
		break;
	}
}

void
v2m_convert_step(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_outcome *o)
{
	int64_t lease_ms = v2m_conf_number(s->conf, "lease");
	struct v2m_record r;
	bool lent;
	int claim = claim_next(loop->arg, s, task, lease_ms, &r, &lent,
	    &o->err);

	if (claim < 0 && o->err.code == V2M_NOINPUT && task->parsed != NULL &&
	    v2m_foreign_video(s, task->parsed, &o->err) == 1)
		claim = v2m_job_claim(s->store, task->id, false, lease_ms, &r,
		    &o->err);
	if (claim < 0)
		v2m_missing_job(s, task, o);
	else if (lent)
		run_other(loop, s, task, &r, o);
	else
		act_on_claim(loop, s, task, claim, &r, o);
}
