#include "flow/publish.h"

#include <stdlib.h>

#include "base/fault.h"
#include "flow/job.h"
#include "flow/job_message.h"
#include "flow/lease.h"

static int
publish(struct v2m_services *s, const char *queue, const struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err)
{
	char *body = v2m_job_message_format(r, base == NULL ? NULL :
	    base->body, base == NULL ? 0 : base->length, err);
	int64_t now;
	int ret = -1;

	/* By the store's clock, as all times in records are. */
	if (body != NULL && v2m_store_now(s->store, &now, err) == 0)
		ret = v2m_queue_publish(s->queue, queue, body, now, err);
	free(body);
	return ret;
}

int
v2m_publish_job(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err)
{
	return publish(s, v2m_conf_text(s->conf, "queue_video"), r, NULL, err);
}

static const char *
queue_of_end(const struct v2m_services *s, const struct v2m_record *r)
{
	return r->state == V2M_JOB_DONE ?
	    v2m_conf_text(s->conf, "queue_mp3") : V2M_QUEUE_NOTIFY;
}

int
v2m_publish_job_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_record before = *r;
	struct v2m_err ignored;
	int won = v2m_job_requeued(s->store, r, err);

	if (won != 1)
		return won;
	if (v2m_publish_job(s, r, err) == 0)
		return 1;
	v2m_job_not_requeued(s->store, r, &before, &ignored);
	return -1;
}

int
v2m_publish_end_again(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err)
{
	bool again = r->end_published_at != 0;
	struct v2m_err ignored;
	int won = v2m_job_claim_end(s->store, r, v2m_conf_number(s->conf,
	    "lease"), err);

	if (won != 1)
		return won;
	if (publish(s, queue_of_end(s, r), r, NULL, err) == 0)
		return v2m_job_end_published(s->store, r, again, err) < 0 ?
		    -1 : 1;
	v2m_job_release_end(s->store, r, &ignored);
	return -1;
}

int
v2m_publish_end_anew(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err)
{
	return publish(s, queue_of_end(s, r), r, NULL, err);
}

int
v2m_publish_end(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_queue_message *base, struct v2m_err *err)
{
	const char *queue;
	int64_t now;

	/* This process may have been stopped since the commit, so that a
	 * sweeper has published it: read the record again. */
	if (v2m_store_get(s->store, r->id, r, err) < 0 ||
	    v2m_store_now(s->store, &now, err) < 0)
		return -1;
	if (r->end_published_at != 0 || !v2m_lease_is_over(r, now) ||
	    !v2m_job_has_ended(r))
		return 0;
	queue = queue_of_end(s, r);
	if (v2m_fault("end-publish", err) < 0)
		return -1;
	/* If the body is too long with the unknown members, leave them out. */
	if (publish(s, queue, r, base, err) < 0 && (base == NULL ||
	    err->code != V2M_DATA || publish(s, queue, r, NULL, err) < 0))
		return -1;
	if (v2m_fault("end-published", err) < 0)
		return -1;
	return v2m_job_end_published(s->store, r, false, err) < 0 ? -1 : 0;
}
