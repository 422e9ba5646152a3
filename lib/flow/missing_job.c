#include "flow/missing_job.h"

#include "store/moved.h"

#define LOOKS 3
#define LOOK_MS 30000	/* three looks over a minute */

/* If the jobs have moved to another store that uses the same queue, it may be a
 * job of that one. */
static void
look_for_move(const struct v2m_services *s, struct v2m_outcome *outcome)
{
	struct v2m_err moved;

	v2m_moved_doubt(s->store);
	if (v2m_moved_check(s->store, V2M_WRITE_NEW, &moved) < 0)
		outcome->err = moved;
}

void
v2m_missing_job(const struct v2m_services *s, const struct v2m_task *task,
    struct v2m_outcome *outcome)
{
	outcome->verdict = V2M_AGAIN;
	if (outcome->err.code == V2M_NOINPUT)
		look_for_move(s, outcome);
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
