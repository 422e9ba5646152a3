/* remote_private.h - what the files remote_*.c share. */
#ifndef V2M_CLIENT_REMOTE_PRIVATE_H
#define V2M_CLIENT_REMOTE_PRIVATE_H

#include "client/remote.h"
#include "http/client.h"

struct v2m_remote {
	const struct v2m_conf *conf;
	struct v2m_http *http;
	char *token;
};

/* Ask with the token, as long as patience lasts.  0 with an answer of 2xx, to
 * be released; else -1, err what the answer says, and a->status its status (0:
 * there was none). */
int v2m_remote_ask(struct v2m_remote *r, const char *method, const char *path,
    struct v2m_http_answer *a, struct v2m_err *err);

/* path?fid=ID.  V2M_NOINPUT: this is no ID. */
int v2m_remote_path(char *dst, size_t size, const char *path, const char *id,
    struct v2m_err *err);

#endif
