#include "auth/session.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "auth/legacy.h"
#include "auth/token_file.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/secret.h"

#define WAIT_MOST_S 5	/* more than v2m_user_end_tokens() can ask for */
#define TRIES 3		/* if the password is changed while it is checked */

/* Set now_s, the time of the token to be issued, and read the user not before
 * that time.  So whatever voids the user's tokens after the row was read also
 * voids this one.  If the user's tokens are valid only from the next second on,
 * wait for it: other gateways would refuse a token issued in the future. */
static int
wait_until_valid(struct v2m_users *users, const char *email,
    struct v2m_user *user, int64_t *now_s, struct v2m_err *err)
{
	char when[32];
	int64_t ms;

	for (;;) {
		*now_s = v2m_wall_ms() / 1000;
		if (v2m_users_get(users, email, user, err) < 0)
			return -1;
		if (user->tokens_valid_from_s <= *now_s)
			return 0;
		if (user->tokens_valid_from_s > *now_s + WAIT_MOST_S)
			return v2m_err_set(err, V2M_CONFIG, "no token of '%s' "
			    "is valid before %s: a clock is or was wrong "
			    "('v2m-user revoke' repairs it once the clock is "
			    "right)", user->email, v2m_wall_text(when,
			    user->tokens_valid_from_s * 1000));
		ms = user->tokens_valid_from_s * 1000 - v2m_wall_ms();
		if (ms > 0)
			poll(NULL, 0, (int)ms);
	}
}

static char *
issue(const struct v2m_tokens *tokens, const struct v2m_user *user,
    int64_t now_s, int64_t lifetime_s, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_claims c = { .issued_s = now_s, .admin = user->admin };
	char *token;

	memcpy(c.username, user->email, sizeof c.username);
	token = v2m_token_sign(tokens, &c, lifetime_s, err);
	if (token != NULL && claims != NULL)
		*claims = c;
	return token;
}

static int64_t
usual_lifetime(const struct v2m_conf *conf)
{
	return v2m_conf_number(conf, "token_lifetime") / 1000;
}

/* Is it the password of this user?  In every case one yescrypt computation, so
 * that the time does not tell which of the two is wrong. */
static int
check_password(enum v2m_legacy mode, struct v2m_users *users,
    const char *email, const char *password, struct v2m_user *user,
    struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	bool known = v2m_users_get(users, email, user, &why) == 0;

	if (!known && why.code != V2M_NOINPUT && why.code != V2M_USAGE)
		return v2m_err_pass(err, &why);
	return v2m_legacy_check(mode, users, password, known ? user : NULL,
	    err);
}

char *
v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_tokens *tokens = NULL;
	struct v2m_users *users = NULL;
	struct v2m_user checked, user;
	enum v2m_legacy mode;
	char *token = NULL;
	int64_t now_s;
	int i;

	if (v2m_legacy_mode(conf, &mode, err) < 0 ||
	    (users = v2m_users_open(conf, err)) == NULL ||
	    (tokens = v2m_tokens_open(conf, err)) == NULL)
		goto out;
	/* Meanwhile the password may have been changed, or another login may
	 * have replaced plain text by its hash. */
	for (i = 0; i < TRIES; i++) {
		if (check_password(mode, users, email, password, &checked,
		    err) < 0 || wait_until_valid(users, email, &user, &now_s,
		    err) < 0)
			goto out;
		if (strcmp(checked.hash, user.hash) != 0)
			continue;
		token = issue(tokens, &user, now_s, usual_lifetime(conf),
		    claims, err);
		goto out;
	}
	v2m_err_set(err, V2M_TEMP, "the password was changed meanwhile: try "
	    "again");
out:
	explicit_bzero(&checked, sizeof checked);
	explicit_bzero(&user, sizeof user);
	v2m_tokens_free(tokens);
	v2m_users_close(users);
	return token;
}

struct replacement {
	const char *old, *new;		/* hashes */
};

/* After a lost connection it is called again: the new hash may be there
 * already. */
static int
replace_hash(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	const struct replacement *r = arg;

	if (strcmp(user->hash, r->old) != 0 && strcmp(user->hash, r->new) != 0)
		return v2m_err_set(err, V2M_TEMP, "the password was changed "
		    "meanwhile: try again");
	snprintf(user->hash, sizeof user->hash, "%s", r->new);
	v2m_user_end_tokens(user);
	return 0;
}

static int
change_password(const struct v2m_conf *conf, struct v2m_users *users,
    const char *email, const char *password, const char *new_password,
    v2m_session_permit *permit, struct v2m_err *err)
{
	struct v2m_user user = { .email = "" };
	char hash[V2M_HASH_SIZE] = "";
	struct replacement r = { user.hash, hash };
	enum v2m_legacy mode;
	int64_t begun = 0;
	int ret = -1;

	if (v2m_legacy_mode(conf, &mode, err) == 0 &&
	    check_password(mode, users, email, password, &user, err) == 0 &&
	    (begun = v2m_boot_ms()) > 0 &&
	    (permit == NULL || permit(conf, 0, err) == 0) &&
	    v2m_legacy_store(conf, new_password, hash, err) == 0)
		ret = v2m_users_change(users, email, replace_hash, &r, err);
	if (ret == 0 && permit != NULL)
		ret = permit(conf, begun, err);
	explicit_bzero(&user, sizeof user);
	explicit_bzero(hash, sizeof hash);
	return ret;
}

char *
v2m_session_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, v2m_session_permit *permit,
    struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_users *users;
	char *token;
	int changed;

	if (v2m_legacy_acceptable(conf, new_password, err) < 0)
		return NULL;
	if (strcmp(password, new_password) == 0) {
		v2m_err_set(err, V2M_USAGE, "the new password is the old one");
		return NULL;
	}
	users = v2m_users_open(conf, err);
	if (users == NULL)
		return NULL;
	changed = change_password(conf, users, email, password, new_password,
	    permit, err);
	v2m_users_close(users);
	if (changed < 0)
		return NULL;
	token = v2m_session_mint(conf, email, 0, claims, err);
	if (token == NULL)
		v2m_err_prefix(err, "the password is changed, but there is no "
		    "new token");
	return token;
}

char *
v2m_session_mint(const struct v2m_conf *conf, const char *email,
    int64_t lifetime_s, struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_tokens *tokens = NULL;
	struct v2m_users *users;
	struct v2m_user user;
	char *token = NULL;
	int64_t now_s;

	if (lifetime_s == 0)
		lifetime_s = usual_lifetime(conf);
	users = v2m_users_open(conf, err);
	if (users != NULL && wait_until_valid(users, email, &user, &now_s,
	    err) == 0 && (tokens = v2m_tokens_open(conf, err)) != NULL)
		token = issue(tokens, &user, now_s, lifetime_s, claims, err);
	explicit_bzero(&user, sizeof user);
	v2m_tokens_free(tokens);
	v2m_users_close(users);
	return token;
}

int
v2m_session_confirm(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_users *users = v2m_users_open(conf, err);
	struct v2m_err why = { .code = V2M_OK };
	struct v2m_user user;
	int ret = -1;

	if (users == NULL)
		return -1;
	if (v2m_users_get(users, claims->username, &user, &why) < 0) {
		if (why.code == V2M_NOINPUT)
			v2m_err_set(err, V2M_DENIED,
			    "no such user any more: '%s'", claims->username);
		else
			v2m_err_pass(err, &why);
		goto out;
	}
	if (claims->issued_s == 0 && user.tokens_valid_from_s > 0) {
		v2m_err_set(err, V2M_DENIED, "the token has no iat: it may be "
		    "older than the account or its password (the login "
		    "service has to write iat)");
		goto out;
	}
	if (claims->issued_s < user.tokens_valid_from_s) {
		v2m_err_set(err, V2M_DENIED, "the token was ended by a new "
		    "password or by the administrator: log in again");
		goto out;
	}
	claims->admin = user.admin;
	ret = 0;
out:
	explicit_bzero(&user, sizeof user);
	v2m_users_close(users);
	return ret;
}

int
v2m_session_check(const struct v2m_conf *conf, const char *token,
    struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_tokens *tokens = v2m_tokens_open(conf, err);
	struct v2m_claims found;
	int ret = -1;

	if (tokens != NULL &&
	    v2m_token_verify(tokens, token, &found, err) == 0 &&
	    v2m_session_confirm(conf, &found, err) == 0) {
		*claims = found;
		ret = 0;
	}
	v2m_tokens_free(tokens);
	return ret;
}

int
v2m_session_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err)
{
	char *token = v2m_token_in_use(conf, err);
	int ret;

	if (token == NULL)
		return -1;
	ret = v2m_session_check(conf, token, claims, err);
	v2m_secret_free(token);
	return ret;
}
