#include "flow/remove.h"

#include "flow/job.h"
#include "flow/orphan.h"
#include "flow/permission.h"
#include "flow/quota.h"
#include "store/partial.h"

int
v2m_remove(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, struct v2m_err *err)
{
	struct v2m_record r;
	int moved;

	if (v2m_permitted_job(s->store, identity, id, &r, err) < 0)
		return -1;
	moved = v2m_job_remove(s->store, &r, err);
	if (moved < 0)
		return -1;
	/* Also for a job that was cancelled before: a crash between the steps
	 * may have left something. */
	if (v2m_partial_drop(s->store, r.id, err) < 0 ||
	    v2m_store_remove(s->store, V2M_VIDEO, r.id, err) < 0 ||
	    (r.mp3[0] != '\0' &&
	    v2m_store_remove(s->store, V2M_MP3, r.mp3, err) < 0) ||
	    v2m_orphans_remove(s->store, r.id, err) < 0 ||
	    v2m_quota_release(s, r.owner, r.id, err) < 0)
		return -1;
	return moved == 1 ? 0 : v2m_err_set(err, V2M_NOINPUT, "it was removed "
	    "before");
}
