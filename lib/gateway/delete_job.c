/* DELETE /files: removes a job of the user, with its video and MP3. */
#include "flow/remove.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"

struct removal {
	struct v2m_claims identity;
	const char *id;
};

static int
remove_job(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct removal *r = arg;

	return v2m_remove(s, &r->identity, r->id, err);
}

void
v2m_delete_job(struct v2m_rq *rq)
{
	struct removal r;
	struct v2m_err err;

	if (!v2m_identity(rq, &r.identity) ||
	    (r.id = v2m_fail_or_id(rq, "fid")) == NULL)
		return;
	v2m_rq_note(rq, "job", r.id);
	if (v2m_pool_use(v2m_rq_pool(rq), remove_job, &r, &err) < 0)
		v2m_fail(rq, &err);
	else
		v2m_rq_reply_text(rq, 204, "");
}
