/* remote.h - the requests to a gateway over HTTP: for lib/client alone.
 *
 * Each function does what the function of client.h with the same verb does,
 * with the same arguments, results, messages and codes, as far as the answer of
 * a gateway has them.  Requests that may be repeated are sent again after a
 * broken connection, or when the gateway is busy or away, for url_timeout.  For
 * one thread.
 */
#ifndef V2M_CLIENT_REMOTE_H
#define V2M_CLIENT_REMOTE_H

#include "client/client.h"
#include "http/client.h"

struct v2m_remote {
	const struct v2m_conf *conf;	/* borrowed */
	struct v2m_http *http;
	char *token;
};

/* --- logins (remote_login.c) --- */

/* Does the gateway answer at all? */
int v2m_remote_ready(const struct v2m_conf *conf, struct v2m_err *err);

char *v2m_remote_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

char *v2m_remote_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err);

int v2m_remote_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

int v2m_remote_netrc(const struct v2m_conf *conf,
    char email[V2M_EMAIL_MAX], char **password, struct v2m_err *err);

/* Connect with the stored token, after the gateway has said that it is valid.
 * If there is none, or it is refused, and ~/.netrc has a password for the
 * gateway: log in with that, and store the new token. */
struct v2m_remote *v2m_remote_open(const struct v2m_conf *conf,
    struct v2m_claims *identity, struct v2m_err *err);
void v2m_remote_close(struct v2m_remote *r);	/* NULL is fine */

/* --- jobs --- */

/* By the tus protocol, in pieces.  Each piece begins where the gateway says
 * that the last one ended, so the upload survives broken connections and
 * restarts.  A pipe is copied to a temporary file first.  (remote_upload.c) */
int v2m_remote_upload(struct v2m_remote *r, const struct v2m_upload_file *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

/* After a broken connection, it asks for the rest only.  (remote_fetch.c) */
int v2m_remote_fetch(struct v2m_remote *r, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

/* *asked, unless asked is NULL: when a worker last asked for work (wall ms);
 * unchanged if the gateway does not tell.  (remote_status.c) */
int v2m_remote_find(struct v2m_remote *r, const char *id,
    struct v2m_record *record, int64_t *asked, struct v2m_err *err);

/* sha256, unless NULL: only jobs whose video has these bytes.
 * (remote_status.c) */
int v2m_remote_each(struct v2m_remote *r, bool everybody,
    const struct v2m_status_filter *which, const char *sha256,
    int (*each)(void *arg, struct v2m_record *record), void *arg,
    struct v2m_err *err);

/* (remote_remove.c) */
int v2m_remote_remove(struct v2m_remote *r, const char *id,
    struct v2m_err *err);

/* --- for remote_*.c (remote_ask.c) --- */

/* Send a request with the token, repeated for url_timeout.  0: the answer is
 * 2xx, and the caller releases it.  -1: err has the error of the answer, and
 * a->status its status (0: there was no answer). */
int v2m_remote_ask(struct v2m_remote *r, const char *method, const char *path,
    struct v2m_http_answer *a, struct v2m_err *err);

/* Set dst to path?fid=ID.  V2M_NOINPUT: it is not an ID. */
int v2m_remote_path(char *dst, size_t size, const char *path, const char *id,
    struct v2m_err *err);

#endif
