#include "auth/legacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define PASSES 3	/* as others may be writing to the table */

bool
v2m_legacy_keeps_plain(const struct v2m_conf *conf)
{
	return strcmp(v2m_conf_text(conf, "password_format"), "plain") == 0;
}

int
v2m_legacy_mode(const struct v2m_conf *conf, enum v2m_legacy *mode,
    struct v2m_err *err)
{
	const char *word = v2m_conf_text(conf, "legacy_passwords");

	*mode = strcmp(word, "yes") == 0 ? V2M_LEGACY_YES :
	    strcmp(word, "upgrade") == 0 ? V2M_LEGACY_UPGRADE : V2M_LEGACY_NO;
	if (v2m_legacy_keeps_plain(conf) && *mode != V2M_LEGACY_YES)
		return v2m_err_set(err, V2M_CONFIG, "password_format = plain "
		    "needs legacy_passwords = yes, not '%s'",
		    word);
	return 0;
}

/* The number of characters in UTF-8 text; in other text, at least so many. */
static int64_t
characters(const char *s)
{
	int64_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

int
v2m_legacy_acceptable(const struct v2m_conf *conf, const char *password,
    struct v2m_err *err)
{
	int64_t least = v2m_conf_number(conf, "password_min");
	bool plain = v2m_legacy_keeps_plain(conf);
	int most = (plain ? V2M_HASH_SIZE : V2M_PASSWORD_SIZE) - 1;

	if (password[0] == '\0')
		return v2m_err_set(err, V2M_USAGE, "an empty password");
	if (characters(password) < least)
		return v2m_err_set(err, V2M_USAGE, "the password is shorter "
		    "than %" PRId64 " characters (password_min)", least);
	if (strlen(password) > (size_t)most)
		return v2m_err_set(err, V2M_USAGE, "the password is longer "
		    "than %d bytes", most);
	if (plain && !v2m_password_is_plain(password))
		return v2m_err_set(err, V2M_USAGE, "the password begins like "
		    "a hash: as plain text it would fit nothing");
	return 0;
}

int
v2m_legacy_store(const struct v2m_conf *conf, const char *password,
    char stored[V2M_HASH_SIZE], struct v2m_err *err)
{
	enum v2m_legacy mode;

	if (v2m_legacy_mode(conf, &mode, err) < 0 ||
	    v2m_legacy_acceptable(conf, password, err) < 0)
		return -1;
	if (!v2m_legacy_keeps_plain(conf))
		return v2m_password_hash(password, stored, err);
	memcpy(stored, password, strlen(password) + 1);
	return 0;
}

static int
check_plain(enum v2m_legacy mode, struct v2m_users *users,
    const char *password, struct v2m_user *user, struct v2m_err *err)
{
	char hash[V2M_HASH_SIZE] = "";
	struct v2m_err why;
	int put;

	if (v2m_password_check_plain(password, user->hash, hash, err) < 0)
		return -1;
	if (mode != V2M_LEGACY_UPGRADE)
		return 0;
	put = v2m_users_rehash(users, user, hash, &why);
	if (put > 0)
		memcpy(user->hash, hash, sizeof hash);
	else if (put < 0)
		v2m_warn("the password of '%s' remains in plain text: %s",
		    user->email, why.msg);
	return 0;
}

int
v2m_legacy_check(enum v2m_legacy mode, struct v2m_users *users,
    const char *password, struct v2m_user *user, struct v2m_err *err)
{
	if (user != NULL && mode != V2M_LEGACY_NO &&
	    v2m_password_is_plain(user->hash))
		return check_plain(mode, users, password, user, err);
	return v2m_password_check(password, user == NULL ? NULL : user->hash,
	    err);
}

struct pass {
	struct v2m_users *users;
	int64_t hashed, missed;
	struct v2m_err *err;
};

static int
hash_one(void *arg, const struct v2m_user *user)
{
	struct pass *p = arg;
	char hash[V2M_HASH_SIZE];
	int put;

	if (!v2m_password_is_plain(user->hash))
		return 0;
	if (v2m_password_hash(user->hash, hash, p->err) < 0 ||
	    (put = v2m_users_rehash(p->users, user, hash, p->err)) < 0) {
		v2m_err_prefix(p->err, "%s", user->email);
		return -1;
	}
	p->hashed += put;
	p->missed += 1 - put;
	return 0;
}

/* If a row was changed while its hash was computed, the next pass does it
 * again. */
int
v2m_legacy_hash_all(const struct v2m_conf *conf, struct v2m_users *users,
    int64_t *n, struct v2m_err *err)
{
	struct pass p = { .users = users, .err = err };
	int i, ret = 0;

	*n = 0;
	if (v2m_legacy_keeps_plain(conf))
		return v2m_err_set(err, V2M_CONFIG, "password_format = plain: "
		    "another program reads these passwords: set it to crypt "
		    "first");
	for (i = 0; i < PASSES && ret == 0; i++) {
		p.missed = 0;
		ret = v2m_users_each(users, hash_one, &p, err);
		if (p.missed == 0)
			break;
	}
	*n = p.hashed;
	return ret;
}
