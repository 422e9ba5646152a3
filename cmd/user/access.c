/* What an account may do: its role and its tokens. */
#include <stdio.h>

#include "auth/session.h"
#include "base/log.h"
#include "base/secret.h"
#include "run.h"

static int
set_role(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	const bool *off = arg;

	(void)err;
	user->admin = !*off;
	return 0;
}

int
user_admin(struct run *run, const char *email, struct v2m_err *err)
{
	bool off = run->opt->off;

	if (v2m_users_change(run->users, email, set_role, &off, err) < 0)
		return -1;
	v2m_info("%s is %s", email, off ? "no administrator" :
	    "an administrator");
	return 0;
}

static int
end_tokens(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	(void)arg;
	(void)err;
	v2m_user_end_tokens(user);
	return 0;
}

int
user_revoke(struct run *run, const char *email, struct v2m_err *err)
{
	if (v2m_users_change(run->users, email, end_tokens, NULL, err) < 0)
		return -1;
	v2m_info("the tokens of %s issued so far are no longer valid", email);
	return 0;
}

int
user_token(struct run *run, const char *email, struct v2m_err *err)
{
	char *text = v2m_session_mint(&run->conf, email,
	    run->opt->lifetime_ms < 0 ? 0 : run->opt->lifetime_ms / 1000,
	    NULL, err);

	if (text == NULL)
		return -1;
	printf("%s\n", text);
	v2m_secret_free(text);
	return 0;
}
