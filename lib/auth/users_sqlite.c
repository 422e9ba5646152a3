#include "auth/users.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/io.h"

#define COMPONENT "users"
#define COLUMNS "email, password, role = 'admin', created_ms, " \
	"tokens_valid_from"

/* The first three columns are those that the MySQL table of existing
 * deployments has. */
static const char *const steps[] = {
	"CREATE TABLE user ("
	"id INTEGER PRIMARY KEY AUTOINCREMENT, "
	"email TEXT NOT NULL UNIQUE, "
	"password TEXT NOT NULL, "
	"role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')), "
	"created_ms INTEGER NOT NULL DEFAULT 0, "
	"tokens_valid_from INTEGER NOT NULL DEFAULT 0) STRICT",
	NULL
};

static const char *
path_of(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = v2m_conf_rest(conf, "users", "sqlite");

	if (path == NULL || path[0] != '/') {
		v2m_err_set(err, V2M_CONFIG, "users: '%s' is not an absolute "
		    "path (sqlite:/path/v2m.db)",
		    v2m_conf_text(conf, "users"));
		return NULL;
	}
	return path;
}

static int
make_folder(const char *path, struct v2m_err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	if (slash == path)
		return 0;
	if (snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path) >=
	    (int)sizeof dir)
		return v2m_err_set(err, V2M_CONFIG, "users: path too long");
	return v2m_io_mkdirs(dir, 0700, err);
}

static int
sqlite_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = path_of(conf, err);
	struct v2m_db *db;
	int ret = -1;

	if (path == NULL || make_folder(path, err) < 0)
		return -1;
	db = v2m_db_open(path, true, err);
	if (db != NULL)
		ret = v2m_db_migrate(db, COMPONENT, steps, err);
	v2m_db_close(db);
	return ret;
}

static void *
sqlite_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = path_of(conf, err);
	struct v2m_db *db;

	if (path == NULL)
		return NULL;
	db = v2m_db_open_of(conf, "users", path, err);
	if (db != NULL && v2m_db_expect(db, COMPONENT, steps, err) < 0) {
		v2m_db_close(db);
		db = NULL;
	}
	return db;
}

static void
sqlite_close(void *self)
{
	v2m_db_close(self);
}

static void
read_row(struct v2m_rows *rows, struct v2m_user *user)
{
	memset(user, 0, sizeof *user);
	snprintf(user->email, sizeof user->email, "%s",
	    v2m_rows_text(rows, 0));
	snprintf(user->hash, sizeof user->hash, "%s", v2m_rows_text(rows, 1));
	user->admin = v2m_rows_int(rows, 2) != 0;
	user->created_ms = v2m_rows_int(rows, 3);
	user->tokens_valid_from_s = v2m_rows_int(rows, 4);
}

static int
sqlite_get(void *self, const char *email, struct v2m_user *user,
    struct v2m_err *err)
{
	struct v2m_rows *rows = v2m_db_query(self, err, "SELECT " COLUMNS
	    " FROM user WHERE email = ?", "t", email);
	int got;

	if (rows == NULL)
		return -1;
	got = v2m_rows_next(rows, err);
	if (got > 0)
		read_row(rows, user);
	v2m_rows_free(rows);
	if (got == 0)
		return v2m_err_set(err, V2M_NOINPUT, "no such user");
	return got < 0 ? -1 : 0;
}

static const char *
role(const struct v2m_user *user)
{
	return user->admin ? "admin" : "user";
}

static int
sqlite_add(void *self, const struct v2m_user *user, struct v2m_err *err)
{
	struct v2m_err why;
	bool taken;

	if (v2m_db_run(self, &why, &taken, "INSERT INTO user (email, password, "
	    "role, created_ms, tokens_valid_from) VALUES (?, ?, ?, ?, ?)",
	    "tttii", user->email, user->hash, role(user), user->created_ms,
	    user->tokens_valid_from_s) >= 0)
		return 0;
	if (taken) {
		why.code = V2M_CANTCREATE;
		why.sys = EEXIST;
	}
	return v2m_err_pass(err, &why);
}

static int
sqlite_change(void *self, const char *email, v2m_user_change *change,
    void *arg, struct v2m_err *err)
{
	struct v2m_user user;

	if (v2m_db_begin(self, err) < 0)
		return -1;
	if (sqlite_get(self, email, &user, err) < 0 ||
	    change(arg, &user, err) < 0 ||
	    v2m_db_run(self, err, NULL, "UPDATE user SET password = ?, "
	    "role = ?, created_ms = ?, tokens_valid_from = ? WHERE email = ?",
	    "ttiit", user.hash, role(&user), user.created_ms,
	    user.tokens_valid_from_s, email) < 0 ||
	    v2m_db_commit(self, err) < 0) {
		v2m_db_rollback(self);
		return -1;
	}
	return 0;
}

static int
sqlite_remove(void *self, const char *email, struct v2m_err *err)
{
	int64_t n = v2m_db_run(self, err, NULL, "DELETE FROM user WHERE "
	    "email = ?", "t", email);

	if (n == 0)
		return v2m_err_set(err, V2M_NOINPUT, "no such user");
	return n < 0 ? -1 : 0;
}

static int
sqlite_page(void *self, const char *after, struct v2m_user *users, int n,
    struct v2m_err *err)
{
	struct v2m_rows *rows = v2m_db_query(self, err, "SELECT " COLUMNS
	    " FROM user WHERE email > ? ORDER BY email LIMIT ?", "ti", after,
	    (int64_t)n);
	int have = 0, got = 1;

	if (rows == NULL)
		return -1;
	while (have < n && (got = v2m_rows_next(rows, err)) > 0)
		read_row(rows, &users[have++]);
	v2m_rows_free(rows);
	return got < 0 ? -1 : have;
}

const struct v2m_users_ops v2m_users_sqlite = {
	.scheme = "sqlite",
	.init = sqlite_init,
	.open = sqlite_open,
	.close = sqlite_close,
	.get = sqlite_get,
	.add = sqlite_add,
	.change = sqlite_change,
	.remove = sqlite_remove,
	.page = sqlite_page,
};
