/* The state folder of v2m-init. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/owner.h"
#include "base/state.h"

/* Has v2m-init been at work in it? */
static bool
holds_ours(const char *dir)
{
	static const char *const ours[] = { "v2m.db", "jwt_secret", "store" };
	char path[4096];
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		if (snprintf(path, sizeof path, "%s/%s", dir, ours[i]) <
		    (int)sizeof path && lstat(path, &st) == 0)
			return true;
	return false;
}

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	bool empty = d != NULL;

	while (empty && (e = readdir(d)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0;
	if (d != NULL)
		closedir(d);
	return empty;
}

/* A group's folder stays the group's. */
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

int
v2m_state_make(const struct v2m_conf *conf, bool *closed, struct v2m_err *err)
{
	const char *dir = conf->state;
	struct stat st;
	bool own;

	*closed = false;
	if (stat(dir, &st) < 0)
		return errno == ENOENT ? v2m_io_mkdirs(dir, 0700, err) :
		    v2m_err_sys(err, V2M_CANTCREATE, "cannot look at '%s'",
		    dir);
	if (!S_ISDIR(st.st_mode))
		return v2m_err_set(err, V2M_CANTCREATE, "'%s' is no folder",
		    dir);
	own = st.st_uid == geteuid();
	if (holds_ours(dir))
		return (st.st_mode & S_IRWXO) == 0 ? 0 : v2m_err_set(err,
		    V2M_CONFIG, "'%s' is open to other users: chmod o= '%s'",
		    dir, dir);
	/* Not a /tmp that happens to be empty. */
	if (own && (st.st_mode & S_ISVTX) == 0 && is_empty(dir))
		return close_folder(dir, &st, closed, err);
	if (!own && euidaccess(dir, W_OK | X_OK) < 0)
		return v2m_owner_refuse(err, V2M_DENIED, dir, st.st_uid,
		    st.st_gid);
	return v2m_err_set(err, V2M_CONFIG, "'%s' is %s: take a folder in it, "
	    "V2M_STATE=%s/v2m", dir, own ? "used for something else" :
	    "not your own", dir);
}
