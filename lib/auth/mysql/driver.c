#include "auth/mysql/mysql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mysqld_error.h>

#include "auth/users.h"
#include "base/clock.h"
#include "base/module.h"

/* LEFT() bounds a foreign column of type TEXT; a value cut to 256 is still too
 * long for a password. */
#define COLUMNS "email_normal, LEFT(password, 256), role = 'admin', " \
	"created_ms, tokens_valid_from, id"
#define SELECT "SELECT " COLUMNS " FROM user WHERE email_normal = ? " BEST
/* Which of several rows of one address is used. */
#define BEST "ORDER BY CAST(CONVERT(email USING utf8mb4) AS BINARY) = " \
	"CAST(email_normal AS BINARY) DESC, id LIMIT 1"

/* A hash that no password matches. */
#define UNUSABLE "*"

/* The arguments and results of one operation. */
struct call {
	const char *email;
	v2m_user_change *change;
	void *arg;
	struct v2m_user *user;		/* add: what; get and page: where to */
	int64_t id;			/* of the last row that was read */
	int room, n;			/* page */
	bool again;			/* the second try */
};

typedef int body(struct v2m_mysql *m, struct call *c, struct v2m_err *err);

/* Run it, and once more if the connection was lost; but not after a time-out,
 * as a server that is away must not be waited for twice.  Each body can be run
 * again, whether its first run took effect or not. */
static int
steadily(struct v2m_mysql *m, body *run, struct call *c, struct v2m_err *err)
{
	int64_t start_ms = v2m_mono_ms();
	struct v2m_err why;
	int ret;

	for (;;) {
		if (m->db == NULL && v2m_mysql_connect(m,
		    v2m_mysql_database(m), 0, &why) < 0)
			break;
		ret = run(m, c, &why);
		if (ret >= 0)
			return ret;
		if (!m->lost)
			break;
		if (m->number != ER_LOCK_DEADLOCK)
			v2m_mysql_turn(m);
		if (c->again || v2m_mono_ms() - start_ms >=
		    (int64_t)m->timeout_s * 1000)
			break;
		c->again = true;
	}
	return v2m_err_pass(err, &why);
}

static int
read_user(void *arg, const struct v2m_mysql_row *row)
{
	struct call *c = arg;
	struct v2m_user *user = &c->user[c->n++];

	memset(user, 0, sizeof *user);
	snprintf(user->email, sizeof user->email, "%.*s",
	    (int)sizeof user->email - 1, row->value[0]);
	if (row->size[1] >= sizeof user->hash ||
	    strlen(row->value[1]) != row->size[1])
		snprintf(user->hash, sizeof user->hash, UNUSABLE);
	else
		memcpy(user->hash, row->value[1], row->size[1] + 1);
	user->admin = row->value[2][0] == '1';
	user->created_ms = strtoll(row->value[3], NULL, 10);
	user->tokens_valid_from_s = strtoll(row->value[4], NULL, 10);
	c->id = strtoll(row->value[5], NULL, 10);
	return 0;
}

static int
get_user(struct v2m_mysql *m, struct call *c, struct v2m_err *err)
{
	c->n = 0;
	if (v2m_mysql_query(m, err, read_user, c, SELECT, "t", c->email) < 0)
		return -1;
	return c->n > 0 ? 0 : v2m_err_set(err, V2M_NOINPUT, "no such user");
}

static int
mysql_get(void *self, const char *email, struct v2m_user *user,
    struct v2m_err *err)
{
	struct call c = { .email = email, .user = user };

	return steadily(self, get_user, &c, err);
}

/* --- add --- */

static int
taken(struct v2m_err *err)
{
	v2m_err_set(err, V2M_CANTCREATE, "this user exists already");
	err->sys = EEXIST;
	return -1;
}

/* Was the row that is there made by the first try?  Then hash and time are
 * equal. */
static bool
is_our_row(const struct v2m_user *found, const struct v2m_user *added)
{
	return strcmp(found->hash, added->hash) == 0 &&
	    found->created_ms == added->created_ms;
}

/* The database may call the address taken though v2m would not: the collation
 * of a foreign table may ignore case and accents. */
static int
insert(struct v2m_mysql *m, const struct v2m_user *u, struct v2m_err *err)
{
	if (v2m_mysql_run(m, err, "INSERT INTO user (email, password, role, "
	    "created_ms, tokens_valid_from) VALUES (?, ?, ?, ?, ?)", "tttii",
	    u->email, u->hash, u->admin ? "admin" : "user", u->created_ms,
	    u->tokens_valid_from_s) >= 0)
		return 0;
	if (m->number == ER_DUP_ENTRY)
		v2m_err_set(err, V2M_CANTCREATE, "the table has an address "
		    "that differs only in accents or in other letters that "
		    "the collation of its column 'email' holds equal");
	return -1;
}

static int
add_user(struct v2m_mysql *m, struct call *c, struct v2m_err *err)
{
	struct v2m_user there;
	struct call seek = { .email = c->user->email, .user = &there };
	int ret = -1;

	if (v2m_mysql_begin(m, err) < 0)
		return -1;
	if (v2m_mysql_query(m, err, read_user, &seek, SELECT " FOR UPDATE",
	    "t", c->user->email) < 0)
		goto out;
	if (seek.n > 0) {
		ret = c->again && is_our_row(&there, c->user) ? 0 : taken(err);
		goto out;
	}
	if (insert(m, c->user, err) < 0 || v2m_mysql_commit(m, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_mysql_rollback(m);
	explicit_bzero(&there, sizeof there);
	return ret;
}

static int
mysql_add(void *self, const struct v2m_user *user, struct v2m_err *err)
{
	struct v2m_user copy = *user;
	struct call c = { .user = &copy };
	int ret = steadily(self, add_user, &c, err);

	explicit_bzero(&copy, sizeof copy);
	return ret;
}

/* --- change --- */

/* The password is only written if it was changed: a foreign one that was cut
 * when it was read must not be lost. */
static int
write_back(struct v2m_mysql *m, int64_t id, const struct v2m_user *old,
    const struct v2m_user *new, struct v2m_err *err)
{
	if (strcmp(old->hash, new->hash) != 0 &&
	    v2m_mysql_run(m, err, "UPDATE user SET password = ? WHERE id = ?",
	    "ti", new->hash, id) < 0)
		return -1;
	return v2m_mysql_run(m, err, "UPDATE user SET role = ?, "
	    "created_ms = ?, tokens_valid_from = ? WHERE id = ?", "tiii",
	    new->admin ? "admin" : "user", new->created_ms,
	    new->tokens_valid_from_s, id) < 0 ? -1 : 0;
}

static int
change_user(struct v2m_mysql *m, struct call *c, struct v2m_err *err)
{
	struct v2m_user old, new;
	struct call seek = { .user = &old };
	int ret = -1;

	if (v2m_mysql_begin(m, err) < 0)
		return -1;
	if (v2m_mysql_query(m, err, read_user, &seek, SELECT " FOR UPDATE",
	    "t", c->email) < 0)
		goto out;
	if (seek.n == 0) {
		v2m_err_set(err, V2M_NOINPUT, "no such user");
		goto out;
	}
	new = old;
	if (c->change(c->arg, &new, err) < 0 ||
	    write_back(m, seek.id, &old, &new, err) < 0 ||
	    v2m_mysql_commit(m, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_mysql_rollback(m);
	explicit_bzero(&old, sizeof old);
	explicit_bzero(&new, sizeof new);
	return ret;
}

static int
mysql_change(void *self, const char *email, v2m_user_change *change,
    void *arg, struct v2m_err *err)
{
	struct call c = { .email = email, .change = change, .arg = arg };

	return steadily(self, change_user, &c, err);
}

/* --- remove, page --- */

/* If the second try finds nothing to remove, the first one did it. */
static int
remove_user(struct v2m_mysql *m, struct call *c, struct v2m_err *err)
{
	int64_t n = v2m_mysql_run(m, err, "DELETE FROM user "
	    "WHERE email_normal = ?", "t", c->email);

	if (n == 0 && !c->again)
		return v2m_err_set(err, V2M_NOINPUT, "no such user");
	return n < 0 ? -1 : 0;
}

static int
mysql_remove(void *self, const char *email, struct v2m_err *err)
{
	struct call c = { .email = email };

	return steadily(self, remove_user, &c, err);
}

/* One row for each address; rows that are too long for an address are left out.
 * The inner query gives the next addresses, the outer the best row of each. */
static int
page_users(struct v2m_mysql *m, struct call *c, struct v2m_err *err)
{
	c->n = 0;
	return v2m_mysql_query(m, err, read_user, c, "SELECT " COLUMNS
	    " FROM (SELECT email_normal AS address FROM user "
	    "WHERE email_normal > ? AND LENGTH(email_normal) < 255 "
	    "GROUP BY email_normal ORDER BY email_normal LIMIT ?) AS next "
	    "STRAIGHT_JOIN user ON id = (SELECT id FROM user WHERE "
	    "email_normal = address " BEST ") ORDER BY address", "ti", c->email,
	    (int64_t)c->room) < 0 ? -1 : c->n;
}

static int
mysql_page(void *self, const char *after, struct v2m_user *users, int n,
    struct v2m_err *err)
{
	struct call c = { .email = after, .user = users, .room = n };

	return steadily(self, page_users, &c, err);
}

/* --- open, close, init --- */

static struct v2m_mysql *
make(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_mysql *m = calloc(1, sizeof *m);

	if (m == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the users");
	} else if (v2m_mysql_init(m, conf, err) < 0) {
		v2m_mysql_release(m);
		free(m);
		m = NULL;
	}
	return m;
}

static void
mysql_users_close(void *self)
{
	if (self == NULL)
		return;
	v2m_mysql_release(self);
	free(self);
}

static int
mysql_users_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_mysql *m = make(conf, err);
	int ret = m == NULL ? -1 : v2m_mysql_set_up(m, err);

	mysql_users_close(m);
	return ret;
}

/* A query without results shows that all columns are there. */
static void *
mysql_users_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_mysql *m = make(conf, err);
	struct v2m_err why;
	struct v2m_user user;

	if (m != NULL && mysql_get(m, "", &user, &why) < 0 &&
	    why.code != V2M_NOINPUT) {
		v2m_err_pass(err, &why);
		mysql_users_close(m);
		m = NULL;
	}
	return m;
}

V2M_EXPORT const struct v2m_users_ops v2m_users_mysql = {
	.scheme = "mysql",
	.init = mysql_users_init,
	.open = mysql_users_open,
	.close = mysql_users_close,
	.get = mysql_get,
	.add = mysql_add,
	.change = mysql_change,
	.remove = mysql_remove,
	.page = mysql_page,
};
