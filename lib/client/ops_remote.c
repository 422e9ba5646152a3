/* The desk before a gateway. */
#include "client/ops.h"
#include "client/remote.h"

static void *
remote_open(const struct v2m_conf *conf, bool with_queue,
    struct v2m_claims *who, struct v2m_err *err)
{
	(void)with_queue;
	return v2m_remote_open(conf, who, err);
}

static void
remote_close(void *self)
{
	v2m_remote_close(self);
}

static int
remote_upload(void *self, const struct v2m_upload *u, int fd, int64_t length,
    char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	return v2m_remote_upload(self, u, fd, length, id, existed, err);
}

static int
remote_fetch(void *self, const struct v2m_claims *who, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	(void)who;
	return v2m_remote_fetch(self, id, f, path, size, job, warned, err);
}

static int
remote_find(void *self, const struct v2m_claims *who, const char *id,
    struct v2m_record *r, struct v2m_err *err)
{
	(void)who;
	return v2m_remote_find(self, id, r, err);
}

static int
remote_list(void *self, const char *owner, struct v2m_record **list,
    size_t *n, struct v2m_err *err)
{
	return v2m_remote_list(self, owner == NULL, NULL, list, n, err);
}

static int
remote_remove(void *self, const struct v2m_claims *who, const char *id,
    struct v2m_err *err)
{
	(void)who;
	return v2m_remote_remove(self, id, err);
}

const struct v2m_desk_ops v2m_desk_remote = {
	.looks_itself = true,
	.open = remote_open,
	.close = remote_close,
	.upload = remote_upload,
	.fetch = remote_fetch,
	.find = remote_find,
	.list = remote_list,
	.remove = remote_remove,
	.login = v2m_remote_login,
	.whoami = v2m_remote_whoami,
	.netrc = v2m_remote_netrc,
};
