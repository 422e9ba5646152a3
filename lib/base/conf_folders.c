/* The home folder of the user, and the state folder. */
#include "base/conf_private.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
home(void)
{
	const char *h = getenv("HOME");
	struct passwd *pw;

	/* runuser -u leaves HOME as it is: root's, which others may not
	 * enter. */
	if (h != NULL && h[0] == '/' &&
	    (euidaccess(h, X_OK) == 0 || errno != EACCES))
		return h;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir != NULL ? pw->pw_dir : "/";
}

char *
v2m_conf_xdg(const char *variable, const char *fallback, const char *rest)
{
	const char *dir = getenv(variable);
	char *out;
	int n;

	if (dir != NULL && dir[0] == '/')
		n = asprintf(&out, "%s/%s", dir, rest);
	else
		n = asprintf(&out, "%s/%s/%s", home(), fallback, rest);
	return n < 0 ? NULL : out;
}

char *
v2m_conf_state_folder(struct v2m_err *err)
{
	const char *set = getenv("V2M_STATE");
	char *dir;

	if (set != NULL && set[0] != '\0') {
		char cwd[PATH_MAX];

		if (set[0] == '/')
			dir = strdup(set);
		else if (getcwd(cwd, sizeof cwd) == NULL ||
		    asprintf(&dir, "%s/%s", cwd, set) < 0)
			dir = NULL;
	} else if (geteuid() == 0) {
		dir = strdup(V2M_CONF_ROOT_STATE);
	} else {
		dir = v2m_conf_xdg("XDG_DATA_HOME", ".local/share", "v2m");
	}
	if (dir == NULL)
		v2m_err_sys(err, V2M_TEMP, "cannot name the state folder");
	return dir;
}
