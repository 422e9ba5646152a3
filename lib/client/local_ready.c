/* Is v2m set up on this machine, so that a user's command can work? */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/token.h"
#include "auth/users.h"
#include "base/state.h"
#include "client/local.h"

/* Does another user run a service here, with a state of its own? */
static bool
has_service(void)
{
	struct stat st;

	return stat(V2M_CONF_ROOT_STATE, &st) == 0 && st.st_uid != geteuid();
}

static int
can_read_secret(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_tokens *tokens = v2m_tokens_open(conf, err);

	v2m_tokens_free(tokens);
	return tokens == NULL ? -1 : 0;
}

int
v2m_local_set_up(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *secret = v2m_conf_text(conf, "jwt_secret_file");

	if (v2m_state_refuse_root(conf, err) < 0)
		return -1;
	if (access(secret, R_OK) == 0)
		return 0;
	if (errno == ENOTDIR)
		return v2m_err_set(err, V2M_CONFIG, "the state folder '%s' is "
		    "not a folder: set V2M_STATE", conf->state);
	/* This user may not read the state: a login would not help. */
	if (errno != ENOENT)
		return can_read_secret(conf, err);
	if (geteuid() != 0 && has_service())
		return v2m_err_set(err, V2M_CONFIG, "v2m is not set up for "
		    "you in %s, but this machine has a service in %s: set url "
		    "to its gateway (V2M_URL, url in ~/.config/v2m/v2m.conf; "
		    "ask who runs it); v2m-init makes one of your own",
		    conf->state, V2M_CONF_ROOT_STATE);
	return v2m_err_set(err, V2M_CONFIG, "v2m is not set up in %s: run "
	    "v2m-init, or set V2M_STATE", conf->state);
}

int
v2m_local_ready(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_tokens *tokens = NULL;
	struct v2m_users *users = NULL;
	int ret = -1;

	if (v2m_local_set_up(conf, err) == 0 &&
	    (tokens = v2m_tokens_open(conf, err)) != NULL &&
	    (users = v2m_users_open(conf, err)) != NULL)
		ret = 0;
	v2m_users_close(users);
	v2m_tokens_free(tokens);
	return ret;
}
