#include "flow/access.h"

#include <string.h>

#include "flow/job.h"

int
v2m_access(struct v2m_store *s, const struct v2m_claims *who,
    const char *id, struct v2m_record *r, struct v2m_err *err)
{
	struct v2m_err why;
	int got = v2m_job_find(s, id, r, &why);

	if (got < 0 && (why.code != V2M_NOINPUT || !v2m_id_valid(id))) {
		*err = why;
		return -1;
	}
	if (got < 0 || (!who->admin && strcmp(r->owner, who->username) != 0))
		return v2m_err_set(err, V2M_NOINPUT, "no such ID");
	return 0;
}
