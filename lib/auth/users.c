#include "auth/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/driver.h"

#define PAGE 64		/* users fetched at a time */

struct v2m_users {
	const struct v2m_users_ops *ops;
	void *self;
};

static const struct v2m_driver drivers[] = {
	{ .scheme = "sqlite", .form = "sqlite:FILE", .ops = &v2m_users_sqlite },
	{ .scheme = "mysql", .form = "mysql://USER@HOST/DATABASE",
	    .module = "users-mysql", .symbol = "v2m_users_mysql" },
	{ .scheme = NULL }
};

struct v2m_users *
v2m_users_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_users_ops *ops = v2m_driver(conf, "users", drivers,
	    err);
	struct v2m_users *u;

	if (ops == NULL)
		return NULL;
	u = calloc(1, sizeof *u);
	if (u == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the users");
		return NULL;
	}
	u->ops = ops;
	u->self = ops->open(conf, err);
	if (u->self == NULL) {
		free(u);
		return NULL;
	}
	return u;
}

void
v2m_users_close(struct v2m_users *u)
{
	if (u == NULL)
		return;
	u->ops->close(u->self);
	free(u);
}

int
v2m_users_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_users_ops *ops = v2m_driver(conf, "users", drivers,
	    err);

	return ops == NULL ? -1 : ops->init(conf, err);
}

static int
normalise(char address[V2M_EMAIL_MAX], const char *email,
    struct v2m_err *err)
{
	if (!v2m_text_email(address, email))
		return v2m_err_set(err, V2M_USAGE, "not an e-mail address");
	return 0;
}

/* The driver's answer, with the same message for a missing user in all
 * drivers. */
static int
user_answer(int ret, const struct v2m_err *why, struct v2m_err *err)
{
	if (ret >= 0)
		return ret;
	if (why->code == V2M_NOINPUT)
		return v2m_err_set(err, V2M_NOINPUT, "no such user");
	return v2m_err_pass(err, why);
}

int
v2m_users_get(struct v2m_users *u, const char *email, struct v2m_user *user,
    struct v2m_err *err)
{
	char address[V2M_EMAIL_MAX];
	struct v2m_err why;

	if (normalise(address, email, err) < 0)
		return -1;
	return user_answer(u->ops->get(u->self, address, user, &why), &why,
	    err);
}

int
v2m_users_has(struct v2m_users *u, const char *email, struct v2m_err *err)
{
	struct v2m_user user;
	struct v2m_err why;
	int got = v2m_users_get(u, email, &user, &why);

	explicit_bzero(&user, sizeof user);
	if (got == 0)
		return 1;
	return why.code == V2M_NOINPUT || why.code == V2M_USAGE ? 0 :
	    v2m_err_pass(err, &why);
}

int
v2m_users_add(struct v2m_users *u, struct v2m_user *user, struct v2m_err *err)
{
	if (user->created_ms == 0)
		user->created_ms = v2m_wall_ms();
	if (user->tokens_valid_from_s == 0)
		user->tokens_valid_from_s = v2m_wall_ms() / 1000;
	return v2m_users_copy(u, user, err);
}

int
v2m_users_copy(struct v2m_users *u, struct v2m_user *user,
    struct v2m_err *err)
{
	char address[V2M_EMAIL_MAX];
	struct v2m_err why;
	int ret;

	if (normalise(address, user->email, err) < 0)
		return -1;
	memcpy(user->email, address, sizeof address);
	ret = u->ops->add(u->self, user, &why);
	if (ret < 0 && why.sys == EEXIST) {
		v2m_err_set(err, V2M_CANTCREATE, "this user exists already");
		if (err != NULL)
			err->sys = EEXIST;
		return -1;
	}
	return user_answer(ret, &why, err);
}

int
v2m_users_change(struct v2m_users *u, const char *email,
    v2m_user_change *change, void *arg, struct v2m_err *err)
{
	char address[V2M_EMAIL_MAX];
	struct v2m_err why;

	if (normalise(address, email, err) < 0)
		return -1;
	return user_answer(u->ops->change(u->self, address, change, arg, &why),
	    &why, err);
}

struct rehash {
	const char *old, *new;
	bool put;
};

static int
put_hash(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	struct rehash *r = arg;

	(void)err;
	r->put = strcmp(user->hash, r->old) == 0 ||
	    strcmp(user->hash, r->new) == 0;
	if (r->put)
		snprintf(user->hash, sizeof user->hash, "%s", r->new);
	return 0;
}

/* The address is used as the table has it (in seen), even if nobody could log
 * in with it. */
int
v2m_users_rehash(struct v2m_users *u, const struct v2m_user *seen,
    const char *hash, struct v2m_err *err)
{
	struct rehash r = { .old = seen->hash, .new = hash };
	struct v2m_err why;
	int ret = u->ops->change(u->self, seen->email, put_hash, &r, &why);

	if (ret < 0 && why.code == V2M_NOINPUT)
		return 0;
	return ret < 0 ? user_answer(ret, &why, err) : r.put;
}

int
v2m_users_remove(struct v2m_users *u, const char *email, struct v2m_err *err)
{
	char address[V2M_EMAIL_MAX];
	struct v2m_err why;

	if (normalise(address, email, err) < 0)
		return -1;
	return user_answer(u->ops->remove(u->self, address, &why), &why, err);
}

/* Page by page, so that no statement is open while `each` runs: it may wait for
 * a terminal, or change this table. */
int
v2m_users_each_after(struct v2m_users *u, const char *behind,
    v2m_users_visit *each, void *arg, struct v2m_err *err)
{
	struct v2m_user *page = calloc(PAGE, sizeof *page);
	char after[V2M_EMAIL_MAX];
	int i, n, ret = 0;

	if (page == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot list the users");
	snprintf(after, sizeof after, "%s", behind);
	do {
		n = u->ops->page(u->self, after, page, PAGE, err);
		if (n < 0)
			ret = -1;
		for (i = 0; i < n && ret == 0; i++)
			ret = each(arg, &page[i]);
		if (n > 0)
			memcpy(after, page[n - 1].email, sizeof after);
	} while (n == PAGE && ret == 0);
	explicit_bzero(page, PAGE * sizeof *page);
	free(page);
	return ret;
}

int
v2m_users_each(struct v2m_users *u, v2m_users_visit *each, void *arg,
    struct v2m_err *err)
{
	return v2m_users_each_after(u, "", each, arg, err);
}

void
v2m_user_end_tokens(struct v2m_user *user)
{
	user->tokens_valid_from_s = v2m_wall_ms() / 1000 + 1;
}
