#include "remote/remote.h"

#include "remote/private.h"

int
v2m_remote_remove(struct v2m_remote *r, const char *id, struct v2m_err *err)
{
	struct v2m_http_request rq = { .method = "DELETE",
	    .token = r->token };
	struct v2m_http_answer a;
	bool maybe = false;	/* an earlier try may have done it */
	char path[128];
	int ret;

	if (v2m_remote_path(path, sizeof path, "/files", id, err) < 0)
		return -1;
	rq.path = path;
	for (;;) {
		if (v2m_http_try(r->http, &rq, &a, err) == 0) {
			if (!v2m_http_answer_is_later(&a))
				break;
			v2m_http_answer_refused(&a, err);
			v2m_http_answer_release(&a);
		}
		maybe |= a.fate == V2M_HTTP_BROKEN;
		if (v2m_http_wait(r->http, &a, err) < 0) {
			v2m_http_calm(r->http);
			return -1;
		}
	}
	v2m_http_calm(r->http);
	ret = (a.status >= 200 && a.status < 300) ||
	    (maybe && a.status == 404) ? 0 : v2m_http_answer_refused(&a, err);
	v2m_http_answer_release(&a);
	return ret;
}
