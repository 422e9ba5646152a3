#include "flow/publish.h"

#include <stdlib.h>

#include "base/fault.h"
#include "flow/job.h"
#include "flow/job_message.h"

static int
publish(struct v2m_services *s, const char *queue, const struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err)
{
	char *body = v2m_job_message_format(r, base == NULL ? NULL :
	    base->body, base == NULL ? 0 : base->length, err);
	int ret = -1;

	if (body != NULL)
		ret = v2m_queue_publish(s->queue, queue, body, err);
	free(body);
	return ret;
}

int
v2m_publish_job(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err)
{
	return publish(s, v2m_conf_text(s->conf, "queue_video"), r, NULL, err);
}

int
v2m_publish_end(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err)
{
	const char *queue;

	/* Who was frozen since the commit may not be the only one at it. */
	if (v2m_store_get(s->store, r->id, r, err) < 0)
		return -1;
	if (r->end_published_at != 0 ||
	    (r->state != V2M_JOB_DONE && r->state != V2M_JOB_FAILED))
		return 0;
	queue = r->state == V2M_JOB_DONE ?
	    v2m_conf_text(s->conf, "queue_mp3") : V2M_QUEUE_NOTIFY;
	if (v2m_fault("end-publish", err) < 0)
		return -1;
	/* A body that is too long with the sender's other members goes
	 * without them. */
	if (publish(s, queue, r, base, err) < 0 && (base == NULL ||
	    err->code != V2M_DATA || publish(s, queue, r, NULL, err) < 0))
		return -1;
	if (v2m_fault("end-published", err) < 0)
		return -1;
	return v2m_job_end_published(s->store, r, err) < 0 ? -1 : 0;
}
