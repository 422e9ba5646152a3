/* The desk before the services themselves. */
#include <stdlib.h>

#include "auth/session.h"
#include "client/ops.h"
#include "flow/access.h"
#include "flow/remove.h"
#include "flow/services.h"

static void *
local_open(const struct v2m_conf *conf, bool with_queue,
    struct v2m_claims *who, struct v2m_err *err)
{
	struct v2m_services *s;

	if (v2m_session_whoami(conf, who, err) < 0)
		return NULL;
	s = malloc(sizeof *s);
	if (s == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot begin");
		return NULL;
	}
	if (v2m_services_open(s, conf, with_queue, err) == 0)
		return s;
	free(s);
	return NULL;
}

static void
local_close(void *self)
{
	v2m_services_close(self);
	free(self);
}

static int
local_upload(void *self, const struct v2m_upload *u, int fd, int64_t length,
    char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	return v2m_upload(self, u, fd, length, id, existed, err);
}

static int
local_fetch(void *self, const struct v2m_claims *who, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	return v2m_fetch(self, who, id, f, path, size, job, warned, err);
}

static int
local_find(void *self, const struct v2m_claims *who, const char *id,
    struct v2m_record *r, struct v2m_err *err)
{
	struct v2m_services *s = self;

	return v2m_access(s->store, who, id, r, err);
}

static int
local_list(void *self, const char *owner, struct v2m_record **list, size_t *n,
    struct v2m_err *err)
{
	struct v2m_filter filter = { .state = -1, .owner = owner };
	struct v2m_services *s = self;

	return v2m_store_list(s->store, &filter, list, n, err);
}

static int
local_remove(void *self, const struct v2m_claims *who, const char *id,
    struct v2m_err *err)
{
	return v2m_remove(self, who, id, err);
}

const struct v2m_desk_ops v2m_desk_local = {
	.open = local_open,
	.close = local_close,
	.upload = local_upload,
	.fetch = local_fetch,
	.find = local_find,
	.list = local_list,
	.remove = local_remove,
	.login = v2m_session_login,
	.whoami = v2m_session_whoami,
};
