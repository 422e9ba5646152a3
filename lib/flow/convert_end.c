/* What becomes of the message of a job, by the record. */
#include "flow/convert_private.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/metrics.h"
#include "flow/orphan.h"
#include "flow/publish.h"

void
v2m_convert_conclude(struct v2m_services *s, const struct v2m_task *task,
    struct v2m_record *r, struct v2m_outcome *o)
{
	struct v2m_err err;

	if (task->message != NULL && r->state != V2M_JOB_CANCELLED &&
	    v2m_publish_end(s, r, task->lent ? NULL : task->message,
	    &o->err) < 0) {
		o->verdict = V2M_AGAIN;
		o->delay_ms = v2m_conf_number(s->conf, "retry_pause");
		return;
	}
	if (r->fence > 1 && v2m_orphans_remove(s->store, r->id, &err) < 0)
		v2m_debug("%s: %s", r->id, err.msg);
	switch ((enum v2m_state)r->state) {
	case V2M_JOB_DONE:
		o->verdict = r->warnings[0] == '\0' ? V2M_SETTLED :
		    V2M_SETTLED_WARNED;
		break;
	case V2M_JOB_FAILED:
		o->verdict = V2M_SETTLED_FAILED;
		v2m_err_set(&o->err, r->failure == 0 ? V2M_FAILED :
		    (enum v2m_code)r->failure, "%s", r->reason);
		break;
	default:
		o->verdict = task->message == NULL ? V2M_SETTLED_FAILED :
		    V2M_SETTLED_SILENT;
		v2m_err_set(&o->err, V2M_NOINPUT, "it was removed");
	}
}

void
v2m_convert_again(struct v2m_outcome *o, int64_t delay_ms)
{
	o->verdict = V2M_AGAIN;
	o->delay_ms = delay_ms < 0 ? 0 : delay_ms;
}

void
v2m_convert_log_failed(const struct v2m_task *task, const struct v2m_record *r)
{
	v2m_metric_add(V2M_METRIC_FAILURES, v2m_code_word((enum
	    v2m_code)r->failure), 1);
	if (task->message != NULL)
		v2m_event_always(r->id, "failed", "attempts=%" PRId64 " "
		    "result=permfail reason=\"%s\"", r->attempts, r->reason);
}
