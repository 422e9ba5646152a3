#include <string.h>

#include "base/log.h"
#include "mail/mail.h"
#include "run.h"

int
user_add(struct run *run, const char *email, struct v2m_err *err)
{
	struct v2m_user user = { .admin = run->opt->admin };
	struct v2m_err why;
	int doubt;

	/* Check it before asking for the password; v2m_users_add() checks
	 * again. */
	if (v2m_users_get(run->users, email, &user, &why) == 0)
		return v2m_err_set(err, V2M_CANTCREATE, "this user exists "
		    "already");
	if (why.code != V2M_NOINPUT)
		return v2m_err_pass(err, &why);
	doubt = v2m_mail_reaches(&run->conf, email, err);
	if (doubt < 0)
		return -1;
	if (doubt > 0)
		v2m_warn("%s: %s", email, err->msg);
	memcpy(user.email, email, strlen(email) + 1);
	if (user_settle_old_jobs(run, email, err) < 0 ||
	    user_settle_old_limits(run, email, err) < 0 ||
	    user_new_hash(run, email, user.hash, err) < 0 ||
	    v2m_users_add(run->users, &user, err) < 0)
		return -1;
	v2m_info("added %s%s", email, run->opt->admin ? ", administrator" :
	    "");
	return 0;
}
