#include "client/remote.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"

int
v2m_remote_ask(struct v2m_remote *r, const char *method, const char *path,
    struct v2m_http_answer *a, struct v2m_err *err)
{
	struct v2m_http_request rq = { .method = method, .path = path,
	    .token = r->token };

	if (v2m_http_ask(r->http, &rq, a, err) < 0) {
		a->status = 0;
		return -1;
	}
	if (a->status >= 200 && a->status < 300)
		return 0;
	v2m_http_answer_refused(a, err);
	v2m_http_answer_release(a);
	return -1;
}

int
v2m_remote_path(char *dst, size_t size, const char *path, const char *id,
    struct v2m_err *err)
{
	if (v2m_id_check(id, err) < 0)
		return -1;
	snprintf(dst, size, "%s?fid=%s", path, id);
	return 0;
}
