/* Makes the state folder, for v2m-init. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/owner.h"
#include "base/state.h"

/* Does it contain anything that the configuration names? */
static bool
holds_ours(const struct v2m_conf *conf)
{
	size_t i, n = strlen(conf->state);
	struct stat st;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		const char *path = strstr(conf->values[i], conf->state);

		if (path != NULL && path[n] == '/' && lstat(path, &st) == 0)
			return true;
	}
	return false;
}

/* If it is open to its group, it stays so. */
static int
close_folder(const char *dir, const struct stat *st, bool *closed,
    struct v2m_err *err)
{
	bool of_group = (st->st_mode & S_ISGID) != 0 ||
	    st->st_gid != getegid();
	mode_t mode = of_group ? st->st_mode & 07770 : 0700;

	if ((st->st_mode & 07777) == mode)
		return 0;
	if (chmod(dir, mode) < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot close '%s' to "
		    "others", dir);
	*closed = true;
	return 0;
}

static int
refuse_closed(const char *dir, uid_t uid, struct v2m_err *err)
{
	char owner[V2M_OWNER_NAME];

	v2m_owner_name(owner, uid);
	return v2m_err_set(err, V2M_DENIED, "'%s' belongs to %s, and you may "
	    "not write to it: set V2M_STATE to a folder of your own", dir,
	    owner);
}

int
v2m_state_make(const struct v2m_conf *conf, bool *closed, struct v2m_err *err)
{
	const char *dir = conf->state;
	struct stat st;
	bool own, empty;

	*closed = false;
	if (stat(dir, &st) < 0)
		return errno == ENOENT ? v2m_io_mkdirs(dir, 0700, err) :
		    v2m_err_sys(err, V2M_CANTCREATE, "cannot look at '%s'",
		    dir);
	if (!S_ISDIR(st.st_mode))
		return v2m_err_set(err, V2M_CANTCREATE, "'%s' is not a folder",
		    dir);
	own = st.st_uid == geteuid();
	/* In this order, as another v2m-init may be at work, and writing what
	 * does not count. */
	empty = v2m_io_empty_dir(dir, ".v2m-");
	if (holds_ours(conf))
		return (st.st_mode & S_IRWXO) == 0 ? 0 : v2m_err_set(err,
		    V2M_CONFIG, "'%s' is open to other users: chmod o= '%s'",
		    dir, dir);
	/* Never change somebody else's folder, such as an empty /tmp. */
	if (own && (st.st_mode & S_ISVTX) == 0 && empty)
		return close_folder(dir, &st, closed, err);
	if (!own && euidaccess(dir, W_OK | X_OK) < 0)
		return refuse_closed(dir, st.st_uid, err);
	return v2m_err_set(err, V2M_CONFIG, "'%s' is %s: take a folder in it, "
	    "V2M_STATE=%s/v2m", dir, own ? "used for something else" :
	    "not your own", dir);
}
