#include "flow/missing_job.h"

#define LOOKS 3
#define LOOK_MS 30000	/* three looks over a minute */

void
v2m_missing_job(const struct v2m_services *s, const struct v2m_task *task,
    struct v2m_outcome *outcome)
{
	outcome->verdict = V2M_AGAIN;
	if (outcome->err.code != V2M_NOINPUT &&
	    !v2m_err_is_damage(&outcome->err)) {
		outcome->delay_ms = v2m_conf_number(s->conf, "retry_pause");
		return;
	}
	if (task->message == NULL || task->message->deliveries >= LOOKS) {
		outcome->verdict = V2M_NO_JOB;
		return;
	}
	outcome->delay_ms = LOOK_MS;
	outcome->err.code = V2M_OK;	/* not yet a failure */
}
