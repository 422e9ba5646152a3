/* The suite for every driver of users.  V2M_TEST_USERS names an empty database;
 * by default it is a new one in SQLite. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/users.h"
#include "base/clock.h"
#include "tap.h"

static char folder[] = "/tmp/v2m-users.XXXXXX";
static struct v2m_conf conf;
static struct v2m_err err;

static int
add(struct v2m_users *u, const char *email, bool admin)
{
	struct v2m_user user = { .admin = admin };

	snprintf(user.email, sizeof user.email, "%s", email);
	snprintf(user.hash, sizeof user.hash, "$y$hash of %s", email);
	return v2m_users_add(u, &user, &err);
}

static void
test_set_up(void)
{
	struct v2m_users *u = v2m_users_open(&conf, &err);

	ok(u == NULL && err.code == V2M_CONFIG &&
	    strstr(err.msg, "v2m-init") != NULL, "not set up: says v2m-init");
	v2m_users_close(u);
	ok(v2m_users_init(&conf, &err) == 0, "the tables of users are made");
	ok(v2m_users_init(&conf, &err) == 0, "init once more");
}

static void
test_add_get(struct v2m_users *u)
{
	int64_t now = v2m_wall_ms();
	struct v2m_user user, full = { .admin = true,
	    .created_ms = 1700000000123, .tokens_valid_from_s = 1700000001 };

	ok(add(u, "  Ann@Example.ORG\n", false) == 0, "a user is added");
	ok(v2m_users_get(u, "ANN@example.org ", &user, &err) == 0,
	    "a user is found");
	is(user.email, "ann@example.org", "the address is normalised");
	is(user.hash, "$y$hash of   Ann@Example.ORG\n", "the hash is not");
	ok(!user.admin, "a user");
	ok(user.created_ms >= now && user.created_ms <= v2m_wall_ms(),
	    "created now");
	ok(user.tokens_valid_from_s >= now / 1000 &&
	    user.tokens_valid_from_s <= v2m_wall_ms() / 1000,
	    "earlier tokens do not count");
	snprintf(full.email, sizeof full.email, "bob@example.org");
	memset(full.hash, 'h', sizeof full.hash - 1);
	ok(v2m_users_add(u, &full, &err) == 0 &&
	    v2m_users_get(u, "bob@example.org", &user, &err) == 0,
	    "add with all that can be given");
	is(user.hash, full.hash, "a hash of 255 bytes");
	ok(user.admin && user.created_ms == full.created_ms &&
	    user.tokens_valid_from_s == full.tokens_valid_from_s,
	    "role and times");
	ok(add(u, "j\xc3\xb6rg@example.org", false) == 0 &&
	    add(u, "jorg@example.org", false) == 0,
	    "accents make another address");
}

static void
test_refusals(struct v2m_users *u)
{
	struct v2m_user user;

	ok(add(u, "ann@EXAMPLE.org", true) < 0 && err.code == V2M_CANTCREATE &&
	    err.sys == EEXIST, "an address that is taken is refused");
	ok(v2m_users_get(u, "ann@example.org", &user, &err) == 0 &&
	    !user.admin, "and its user stays as he is");
	ok(v2m_users_get(u, "zed@example.org", &user, &err) < 0 &&
	    err.code == V2M_NOINPUT, "an unknown address");
	is(err.msg, "no such user", "in these words");
	ok(v2m_users_get(u, "ann", &user, &err) < 0 && err.code == V2M_USAGE,
	    "get: no address");
	ok(add(u, "", false) < 0 && err.code == V2M_USAGE, "add: no address");
	ok(v2m_users_remove(u, "a@b@c", &err) < 0 && err.code == V2M_USAGE,
	    "remove: no address");
	ok(v2m_users_get(u, "x'--@example.org", &user, &err) < 0 &&
	    err.code == V2M_NOINPUT, "SQL in an address is an address");
}

static int
promote(void *arg, struct v2m_user *user, struct v2m_err *e)
{
	(void)e;
	user->admin = true;
	snprintf(user->hash, sizeof user->hash, "%s", (char *)arg);
	v2m_user_end_tokens(user);
	return 0;
}

static int
refuse(void *arg, struct v2m_user *user, struct v2m_err *e)
{
	(void)arg;
	user->admin = false;
	return v2m_err_set(e, V2M_FAILED, "changed my mind");
}

static void
test_change(struct v2m_users *u)
{
	struct v2m_user before, user;
	char hash[] = "new";

	v2m_users_get(u, "ann@example.org", &before, &err);
	ok(v2m_users_change(u, " ANN@example.org", promote, hash, &err) == 0,
	    "a user is changed");
	v2m_users_get(u, "ann@example.org", &user, &err);
	ok(user.admin && user.created_ms == before.created_ms &&
	    user.tokens_valid_from_s > before.tokens_valid_from_s,
	    "what was changed is");
	is(user.hash, "new", "the hash too");
	ok(v2m_users_change(u, "ann@example.org", refuse, NULL, &err) < 0 &&
	    err.code == V2M_FAILED && strcmp(err.msg, "changed my mind") == 0,
	    "a change can be refused");
	v2m_users_get(u, "ann@example.org", &user, &err);
	ok(user.admin, "and nothing is changed then");
	ok(v2m_users_change(u, "zed@example.org", promote, hash, &err) < 0 &&
	    err.code == V2M_NOINPUT, "nobody is changed");
	v2m_users_get(u, "bob@example.org", &user, &err);
	ok(user.tokens_valid_from_s == 1700000001, "nor is anybody else");
}

static void
test_rehash(struct v2m_users *u)
{
	struct v2m_user seen, user;

	v2m_users_get(u, "ann@example.org", &seen, &err);
	ok(v2m_users_rehash(u, &seen, "newer", &err) == 1, "another hash");
	v2m_users_get(u, "ann@example.org", &user, &err);
	is(user.hash, "newer", "is in its place");
	ok(user.admin == seen.admin && user.created_ms == seen.created_ms &&
	    user.tokens_valid_from_s == seen.tokens_valid_from_s,
	    "and nothing else is changed");
	ok(v2m_users_rehash(u, &seen, "newest", &err) == 0,
	    "one that was changed meanwhile");
	v2m_users_get(u, "ann@example.org", &user, &err);
	is(user.hash, "newer", "is left alone");
	snprintf(seen.email, sizeof seen.email, "zed@example.org");
	ok(v2m_users_rehash(u, &seen, "newest", &err) == 0,
	    "and nobody has none to change");
}

static void
test_end_tokens(void)
{
	struct v2m_user user = { .tokens_valid_from_s = INT64_MAX };
	int64_t now = v2m_wall_ms() / 1000;

	v2m_user_end_tokens(&user);
	ok(user.tokens_valid_from_s > now &&
	    user.tokens_valid_from_s <= v2m_wall_ms() / 1000 + 1,
	    "tokens count from the next second on");
}

struct seen {
	int n, stop_at;
	char last[V2M_EMAIL_MAX];
	bool sorted;
	struct v2m_users *u;
};

static int
see(void *arg, const struct v2m_user *user)
{
	struct seen *s = arg;

	s->sorted = s->sorted && strcmp(s->last, user->email) < 0;
	snprintf(s->last, sizeof s->last, "%s", user->email);
	return ++s->n == s->stop_at ? 42 : 0;
}

static int
remove_it(void *arg, const struct v2m_user *user)
{
	struct seen *s = arg;

	s->n++;
	return v2m_users_remove(s->u, user->email, &err);
}

static void
test_each(struct v2m_users *u)
{
	struct seen all = { .sorted = true }, some = { .stop_at = 3 };
	struct seen gone = { .u = u }, none = { .n = 0 };
	char email[64];
	int i;

	for (i = 0; i < 196; i++) {
		snprintf(email, sizeof email, "user%d@example.org",
		    i * 9 % 196);
		if (add(u, email, false) < 0)
			break;
	}
	ok(i == 196, "200 users");
	ok(v2m_users_each(u, see, &all, &err) == 0 && all.n == 200,
	    "each sees all, page by page");
	ok(all.sorted, "by address");
	ok(v2m_users_each(u, see, &some, &err) == 42 && some.n == 3,
	    "until it is told to stop");
	ok(v2m_users_each(u, remove_it, &gone, &err) == 0 && gone.n == 200,
	    "each may change the table");
	ok(v2m_users_each(u, see, &none, &err) == 0 && none.n == 0,
	    "nobody is left");
}

static void
test_remove(struct v2m_users *u)
{
	struct v2m_user user;

	ok(v2m_users_remove(u, "Jorg@example.org", &err) == 0,
	    "a user is removed");
	ok(v2m_users_get(u, "jorg@example.org", &user, &err) < 0 &&
	    err.code == V2M_NOINPUT, "a removed user is not found");
	ok(v2m_users_get(u, "j\xc3\xb6rg@example.org", &user, &err) == 0,
	    "a user of a similar name stays");
	ok(v2m_users_remove(u, "jorg@example.org", &err) < 0 &&
	    err.code == V2M_NOINPUT, "twice is refused");
	ok(add(u, "jorg@example.org", false) == 0, "and added again");
}

static void
test_two(struct v2m_users *u)
{
	struct v2m_users *other = v2m_users_open(&conf, &err);
	struct v2m_user user;

	ok(other != NULL && add(other, "two@example.org", false) == 0 &&
	    v2m_users_get(u, "two@example.org", &user, &err) == 0,
	    "what one connection adds the other sees");
	ok(v2m_users_remove(u, "two@example.org", &err) == 0 &&
	    v2m_users_get(other, "two@example.org", &user, &err) < 0,
	    "and the reverse");
	v2m_users_close(other);
}

static void
test_urls(void)
{
	static const char *const bad[] = { "sqlite:", "sqlite:v2m.db",
	    "nosuch://host/", "sqlites:/x" };
	struct v2m_conf_override set[2] = { { .key = "users" } };
	struct v2m_conf c;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		set[0].value = bad[i];
		if (v2m_conf_load(&c, NULL, set, &err) < 0) {
			ok(false, bad[i]);
			continue;
		}
		ok(v2m_users_open(&c, &err) == NULL &&
		    err.code == V2M_CONFIG, bad[i]);
		ok(v2m_users_init(&c, &err) < 0 && err.code == V2M_CONFIG,
		    bad[i]);
		v2m_conf_release(&c);
	}
}

static void
clean_up(void)
{
	static const char *const names[] = { "v2m.db", "v2m.db-wal",
	    "v2m.db-shm" };
	char path[64];
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

int
main(void)
{
	const char *url = getenv("V2M_TEST_USERS");
	struct v2m_conf_override set[2] = { { NULL, NULL }, { NULL, NULL } };
	struct v2m_users *u;

	if (mkdtemp(folder) == NULL)
		return 99;
	setenv("V2M_STATE", folder, 1);
	setenv("V2M_CONFIG", "/dev/null", 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	if (url != NULL)
		set[0] = (struct v2m_conf_override){ "users", url };
	if (v2m_conf_load(&conf, NULL, set, &err) < 0)
		give_up("%s", err.msg);
	test_set_up();
	u = v2m_users_open(&conf, &err);
	if (u == NULL)
		give_up("%s", err.msg);
	test_add_get(u);
	test_refusals(u);
	test_change(u);
	test_rehash(u);
	test_end_tokens();
	test_remove(u);
	test_two(u);
	test_each(u);
	v2m_users_close(u);
	test_urls();
	v2m_conf_release(&conf);
	clean_up();
	return tap_done();
}
