#include "client/client.h"

#include <stdlib.h>

#include "client/ops.h"

struct v2m_desk {
	const struct v2m_desk_ops *ops;
	const struct v2m_conf *conf;
	struct v2m_claims who;
	void *self;
};

static const struct v2m_desk_ops *
ops_of(const struct v2m_conf *conf)
{
	return v2m_conf_text(conf, "url")[0] == '\0' ? &v2m_desk_local :
	    &v2m_desk_remote;
}

struct v2m_desk *
v2m_desk_open(const struct v2m_conf *conf, bool with_queue,
    struct v2m_err *err)
{
	struct v2m_desk *d = calloc(1, sizeof *d);

	if (d == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot begin");
		return NULL;
	}
	d->conf = conf;
	d->ops = ops_of(conf);
	d->self = d->ops->open(conf, with_queue, &d->who, err);
	if (d->self != NULL)
		return d;
	free(d);
	return NULL;
}

void
v2m_desk_close(struct v2m_desk *d)
{
	if (d != NULL)
		d->ops->close(d->self);
	free(d);
}

int
v2m_desk_media(const struct v2m_desk *d, struct v2m_media **media,
    struct v2m_err *err)
{
	struct v2m_err why;

	*media = v2m_media_start(&why);
	if (*media != NULL &&
	    v2m_media_configure(*media, d->conf, false, &why) == 0)
		return 0;
	v2m_media_free(*media);
	*media = NULL;
	if (d->ops->looks_itself)
		return 0;
	if (err != NULL)
		*err = why;
	return -1;
}

int
v2m_desk_upload(struct v2m_desk *d, const struct v2m_upload *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	struct v2m_upload mine = *u;

	mine.owner = d->who.username;
	return d->ops->upload(d->self, &mine, fd, length, id, existed, err);
}

int
v2m_desk_fetch(struct v2m_desk *d, const char *id, const struct v2m_fetch *f,
    char *path, size_t size, char job[V2M_ID_SIZE], bool *warned,
    struct v2m_err *err)
{
	return d->ops->fetch(d->self, &d->who, id, f, path, size, job, warned,
	    err);
}

int
v2m_desk_find(struct v2m_desk *d, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	return d->ops->find(d->self, &d->who, id, r, err);
}

int
v2m_desk_remove(struct v2m_desk *d, const char *id, struct v2m_err *err)
{
	return d->ops->remove(d->self, &d->who, id, err);
}

int
v2m_desk_list(struct v2m_desk *d, bool everybody, struct v2m_record **list,
    size_t *n, struct v2m_err *err)
{
	if (everybody && !d->who.admin)
		return v2m_err_set(err, V2M_DENIED, "--all is for "
		    "administrators");
	return d->ops->list(d->self, everybody ? NULL : d->who.username, list,
	    n, err);
}

char *
v2m_desk_login(const struct v2m_conf *conf, const char *address,
    const char *password, struct v2m_claims *claims, struct v2m_err *err)
{
	return ops_of(conf)->login(conf, address, password, claims, err);
}

int
v2m_desk_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err)
{
	return ops_of(conf)->whoami(conf, claims, err);
}

int
v2m_desk_netrc(const struct v2m_conf *conf, char address[V2M_ADDRESS_MAX],
    char **password, struct v2m_err *err)
{
	const struct v2m_desk_ops *ops = ops_of(conf);

	return ops->netrc == NULL ? 0 :
	    ops->netrc(conf, address, password, err);
}
