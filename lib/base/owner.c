#include "base/owner.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"

bool
v2m_owner_name(char name[V2M_OWNER_NAME], uid_t uid)
{
	struct passwd space, *found = NULL;
	char buf[4096];

	if (getpwuid_r(uid, &space, buf, sizeof buf, &found) == 0 &&
	    found != NULL && snprintf(name, V2M_OWNER_NAME, "%s",
	    found->pw_name) < V2M_OWNER_NAME)
		return true;
	snprintf(name, V2M_OWNER_NAME, "%u", (unsigned)uid);
	return false;
}

/* Root's state may be another one than that user's: add what makes the command
 * use the same. */
static const char *
state_setting(uid_t uid)
{
	const char *set = getenv("V2M_STATE");
	struct stat st;

	if ((set != NULL && set[0] != '\0') ||
	    stat(V2M_CONF_ROOT_STATE, &st) < 0 || st.st_uid != uid)
		return "";
	return "env V2M_STATE=" V2M_CONF_ROOT_STATE " ";
}

int
v2m_owner_refuse(struct v2m_err *err, enum v2m_code code, const char *path,
    uid_t uid, gid_t gid)
{
	char name[V2M_OWNER_NAME];
	bool known = v2m_owner_name(name, uid);

	if (geteuid() != 0 || uid == V2M_OWNER_NOBODY)
		return v2m_err_set(err, code, "'%s' belongs to %s: it has to "
		    "belong to %s", path, name, geteuid() == 0 ? "root, or to "
		    "the user who runs this" : "you or to root");
	if (known)
		return v2m_err_set(err, code, "'%s' belongs to %s: "
		    "runuser -u %s -- %s%s ...", path, name, name,
		    state_setting(uid), program_invocation_short_name);
	return v2m_err_set(err, code, "'%s' belongs to user %s: setpriv "
	    "--reuid %s --regid %u --clear-groups %s%s ...", path, name, name,
	    (unsigned)gid, state_setting(uid), program_invocation_short_name);
}
