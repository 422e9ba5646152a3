#include "auth/session.h"

#include <stdlib.h>
#include <string.h>

#include "auth/password.h"
#include "auth/token_check.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/secret.h"

/* Sign a token for the user.  now_s must have been taken before his row was
 * read: then whatever voids his tokens after that, a new password say, voids
 * this one too, however long the way here took.  Where his tokens count from
 * the coming second only, the token is one of that second. */
static char *
issue(const struct v2m_tokens *tokens, const struct v2m_user *user,
    int64_t now_s, int64_t lifetime_s, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_claims c = { .issued_s = now_s, .admin = user->admin };
	char *token, when[32];

	if (user->tokens_valid_from_s > now_s + V2M_TOKEN_LEEWAY_S) {
		v2m_err_set(err, V2M_CONFIG, "no token of '%s' counts before "
		    "%s: a clock is or was wrong ('v2m-user revoke' mends it "
		    "once the clock is right)", user->email,
		    v2m_wall_text(when, user->tokens_valid_from_s * 1000));
		return NULL;
	}
	if (c.issued_s < user->tokens_valid_from_s)
		c.issued_s = user->tokens_valid_from_s;
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

char *
v2m_session_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	struct v2m_tokens *tokens = NULL;
	int64_t now_s = v2m_wall_ms() / 1000;
	struct v2m_users *users;
	struct v2m_user user;
	char *token = NULL;
	bool known;

	users = v2m_users_open(conf, err);
	if (users == NULL || (tokens = v2m_tokens_open(conf, err)) == NULL)
		goto out;
	known = v2m_users_get(users, email, &user, &why) == 0;
	if (!known && why.code != V2M_NOINPUT && why.code != V2M_USAGE) {
		if (err != NULL)
			*err = why;
		goto out;
	}
	if (v2m_password_check(password, known ? user.hash : NULL, err) == 0)
		token = issue(tokens, &user, now_s, usual_lifetime(conf),
		    claims, err);
out:
	explicit_bzero(&user, sizeof user);
	v2m_tokens_free(tokens);
	v2m_users_close(users);
	return token;
}

char *
v2m_session_mint(const struct v2m_conf *conf, const char *email,
    int64_t lifetime_s, struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_tokens *tokens = NULL;
	int64_t now_s = v2m_wall_ms() / 1000;
	struct v2m_users *users;
	struct v2m_user user;
	char *token = NULL;

	if (lifetime_s == 0)
		lifetime_s = usual_lifetime(conf);
	users = v2m_users_open(conf, err);
	if (users != NULL && v2m_users_get(users, email, &user, err) == 0 &&
	    (tokens = v2m_tokens_open(conf, err)) != NULL)
		token = issue(tokens, &user, now_s, lifetime_s, claims, err);
	explicit_bzero(&user, sizeof user);
	v2m_tokens_free(tokens);
	v2m_users_close(users);
	return token;
}

static int
check_user(const struct v2m_conf *conf, struct v2m_claims *claims,
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
		else if (err != NULL)
			*err = why;
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
	    check_user(conf, &found, err) == 0) {
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
	char *token = v2m_session_token(conf, err);
	int ret;

	if (token == NULL)
		return -1;
	ret = v2m_session_check(conf, token, claims, err);
	v2m_secret_free(token);
	return ret;
}
