#include "client/remote.h"

int
v2m_remote_remove(struct v2m_remote *r, const char *id, struct v2m_err *err)
{
	struct v2m_record record;
	struct v2m_http_answer a;
	char path[128];

	if (v2m_remote_path(path, sizeof path, "/files", id, err) < 0 ||
	    v2m_remote_find(r, id, &record, NULL, err) < 0)
		return -1;
	if (v2m_remote_ask(r, "DELETE", path, &a, err) == 0) {
		v2m_http_answer_release(&a);
		return 0;
	}
	/* The job was there and is not any more: an earlier try, whose answer
	 * was lost, has removed it. */
	return a.status == 404 && record.state != V2M_JOB_CANCELLED ? 0 : -1;
}
