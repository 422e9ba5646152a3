#include "client/client.h"

#include <stdlib.h>

#include "auth/session.h"
#include "base/log.h"
#include "client/local.h"
#include "client/remote.h"
#include "flow/lease.h"
#include "flow/permission.h"
#include "flow/remove.h"
#include "store/moved.h"

struct v2m_client {
	const struct v2m_conf *conf;
	struct v2m_claims identity;
	struct v2m_remote *remote;	/* NULL: without a gateway */
	struct v2m_services services;
};

static bool
is_remote(const struct v2m_conf *conf)
{
	return v2m_conf_text(conf, "url")[0] != '\0';
}

static int
connect_to(struct v2m_client *c, bool with_queue, struct v2m_err *err)
{
	if (is_remote(c->conf)) {
		c->remote = v2m_remote_open(c->conf, &c->identity, err);
		return c->remote == NULL ? -1 : 0;
	}
	if (v2m_local_set_up(c->conf, err) < 0 ||
	    v2m_session_whoami(c->conf, &c->identity, err) < 0)
		return -1;
	return v2m_services_open(&c->services, c->conf, with_queue, err);
}

struct v2m_client *
v2m_client_open(const struct v2m_conf *conf, bool with_queue,
    struct v2m_err *err)
{
	struct v2m_client *c = calloc(1, sizeof *c);

	if (c == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot begin");
		return NULL;
	}
	c->conf = conf;
	if (connect_to(c, with_queue, err) == 0)
		return c;
	free(c);
	return NULL;
}

void
v2m_client_close(struct v2m_client *c)
{
	if (c == NULL)
		return;
	v2m_remote_close(c->remote);
	v2m_services_close(&c->services);
	free(c);
}

int
v2m_client_media(const struct v2m_client *c, struct v2m_media **media,
    struct v2m_err *err)
{
	struct v2m_err why;

	*media = c->remote != NULL ? v2m_media_start(&why) :
	    v2m_media_borrow(c->conf->state, &why);
	if (*media != NULL &&
	    v2m_media_set_conf(*media, c->conf, false, &why) == 0)
		return 0;
	v2m_media_free(*media);
	*media = NULL;
	return c->remote != NULL ? 0 : v2m_err_pass(err, &why);
}

int
v2m_client_upload(struct v2m_client *c, const struct v2m_upload_file *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	struct v2m_upload_file mine = *u;

	mine.owner = c->identity.username;
	if (c->remote != NULL)
		return v2m_remote_upload(c->remote, &mine, fd, length, id,
		    existed, err);
	return v2m_local_upload(&c->services, &mine, fd, length, id, existed,
	    err);
}

int
v2m_client_fetch(struct v2m_client *c, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	if (c->remote != NULL)
		return v2m_remote_fetch(c->remote, id, f, path, size, job,
		    warned, err);
	return v2m_local_fetch(&c->services, &c->identity, id, f, path, size,
	    job, warned, err);
}

int
v2m_client_find(struct v2m_client *c, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	if (c->remote != NULL)
		return v2m_remote_find(c->remote, id, r, NULL, err);
	return v2m_permitted_job(c->services.store, &c->identity, id, r, err);
}

int
v2m_client_remove(struct v2m_client *c, const char *id, struct v2m_err *err)
{
	if (c->remote != NULL)
		return v2m_remote_remove(c->remote, id, err);
	return v2m_remove(&c->services, &c->identity, id, err);
}

struct shown {
	const struct v2m_status_filter *which;
	int64_t now;
	int (*each)(void *arg, struct v2m_record *r);
	void *arg;
};

/* Uploads that were broken off are left out: they are not jobs. */
static int
visit_shown(void *arg, struct v2m_record *r)
{
	const struct shown *shown = arg;

	return !v2m_status_matches(shown->which, r) ||
	    v2m_lease_upload_ended(r, shown->now) ? 0 :
	    shown->each(shown->arg, r);
}

static int
each_shown(struct v2m_client *c, bool everybody, struct shown *shown,
    struct v2m_err *err)
{
	const struct v2m_filter filter = {
	    .state = v2m_status_filter_state(shown->which),
	    .owner = everybody ? NULL : c->identity.username };

	return v2m_store_now(c->services.store, &shown->now, err) < 0 ? -1 :
	    v2m_store_each(c->services.store, &filter, visit_shown, shown,
	    err);
}

int
v2m_client_each(struct v2m_client *c, bool everybody,
    const struct v2m_status_filter *which,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct shown shown = { .which = which, .each = each, .arg = arg };

	if (everybody && !c->identity.admin)
		return v2m_err_set(err, V2M_DENIED, "--all is for "
		    "administrators");
	if (c->remote != NULL)
		return v2m_remote_each(c->remote, everybody, which, NULL,
		    each, arg, err);
	return each_shown(c, everybody, &shown, err);
}

int
v2m_client_ready(const struct v2m_conf *conf, struct v2m_err *err)
{
	return is_remote(conf) ? v2m_remote_ready(conf, err) :
	    v2m_local_ready(conf, err);
}

char *
v2m_client_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err)
{
	if (is_remote(conf))
		return v2m_remote_login(conf, email, password, claims, err);
	return v2m_local_set_up(conf, err) < 0 ? NULL :
	    v2m_session_login(conf, email, password, claims, err);
}

char *
v2m_client_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err)
{
	if (is_remote(conf))
		return v2m_remote_passwd(conf, email, password, new_password,
		    claims, err);
	return v2m_local_set_up(conf, err) < 0 ? NULL :
	    v2m_session_passwd(conf, email, password, new_password,
	    v2m_moved_check_accounts, claims, err);
}

int
v2m_client_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err)
{
	if (is_remote(conf))
		return v2m_remote_whoami(conf, claims, err);
	return v2m_local_set_up(conf, err) < 0 ? -1 :
	    v2m_session_whoami(conf, claims, err);
}

int
v2m_client_netrc(const struct v2m_conf *conf, char email[V2M_EMAIL_MAX],
    char **password, struct v2m_err *err)
{
	return !is_remote(conf) ? 0 :
	    v2m_remote_netrc(conf, email, password, err);
}
