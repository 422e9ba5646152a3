/* New passwords, and those that another program wrote. */
#include <inttypes.h>
#include <string.h>

#include "auth/legacy.h"
#include "base/log.h"
#include "base/secret.h"
#include "run.h"
#include "store/moved.h"

int
user_new_hash(const struct run *run, const char *email,
    char hash[V2M_HASH_SIZE], struct v2m_err *err)
{
	char *password = v2m_secret_ask(run->opt->password_file,
	    "--password-file", "new password", email, true, err);
	int ret;

	if (password == NULL)
		return -1;
	ret = v2m_legacy_store(&run->conf, password, hash, err);
	v2m_secret_free(password);
	/* The jobs may have been moved while the prompt waited. */
	if (ret == 0)
		ret = v2m_moved_check_accounts(&run->conf, 0, err);
	if (ret == 0 && v2m_legacy_keeps_plain(&run->conf))
		v2m_warn("the password of %s is kept in plain text, for "
		    "whoever reads the table (password_format = plain)",
		    email);
	return ret;
}

static int
set_hash(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	const char *hash = arg;

	(void)err;
	memcpy(user->hash, hash, V2M_HASH_SIZE);
	v2m_user_end_tokens(user);
	return 0;
}

int
user_passwd(struct run *run, const char *email, struct v2m_err *err)
{
	char hash[V2M_HASH_SIZE] = "";
	struct v2m_user user;

	if (v2m_users_get(run->users, email, &user, err) < 0 ||
	    user_new_hash(run, email, hash, err) < 0 ||
	    v2m_users_change(run->users, email, set_hash, hash, err) < 0)
		return -1;
	v2m_info("%s has a new password; tokens issued before are no longer "
	    "valid", email);
	return 0;
}

int
user_hash_all(struct run *run, struct v2m_err *err)
{
	int64_t n;
	int ret = v2m_legacy_hash_all(&run->conf, run->users, &n, err);

	if (n > 0)
		v2m_info("%" PRId64 " %s in plain text %s", n, n == 1 ?
		    "password" : "passwords", n == 1 ? "is a hash now" :
		    "are hashes now");
	else if (ret == 0)
		v2m_info("no password is in plain text");
	return ret;
}
