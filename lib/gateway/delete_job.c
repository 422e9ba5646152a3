/* DELETE /files: a job of one's own, with its video and MP3. */
#include "flow/remove.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"

void
v2m_delete_job(struct v2m_rq *rq)
{
	struct v2m_services *s;
	struct v2m_claims identity;
	struct v2m_err err;
	const char *id;
	int ret;

	if (!v2m_identity(rq, &identity) ||
	    (id = v2m_fail_or_id(rq, "fid")) == NULL)
		return;
	v2m_rq_note(rq, "job", id);
	s = v2m_pool_take(v2m_rq_pool(rq), &err);
	if (s == NULL) {
		v2m_fail(rq, &err);
		return;
	}
	ret = v2m_remove(s, &identity, id, &err);
	v2m_pool_give(v2m_rq_pool(rq), s, ret < 0 && err.code == V2M_TEMP);
	if (ret < 0)
		v2m_fail(rq, &err);
	else
		v2m_rq_reply_text(rq, 204, "");
}
