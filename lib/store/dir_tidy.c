#include "store/dir_tidy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_temporary(const char *name)
{
	size_t n = strlen(name);

	return n > 9 && strncmp(name, ".v2m-", 5) == 0 &&
	    strcmp(name + n - 4, ".tmp") == 0;
}

/* 1 it is left over, 0 it is not, -1. */
static int
is_left(struct v2m_dir_index *ix, enum v2m_kind kind, int dirfd,
    const char *name, int64_t before_ms, struct v2m_err *err)
{
	struct stat st;
	int found;

	if ((!is_temporary(name) && !v2m_id_valid(name)) ||
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) ||
	    (int64_t)st.st_mtim.tv_sec * 1000 >= before_ms)
		return 0;
	if (is_temporary(name))
		return 1;
	found = v2m_dir_index_find(ix, kind, name, NULL, err);
	return found < 0 ? -1 : found == 0;
}

static int
tidy_one(struct v2m_dir_index *ix, enum v2m_kind kind, int dirfd,
    const char *folder, const char *name, const struct v2m_dir_tidy *t,
    struct v2m_err *err)
{
	const char *base = strrchr(folder, '/');
	int left = is_left(ix, kind, dirfd, name, t->before_ms, err);
	char shown[512];

	if (left <= 0)
		return left;
	snprintf(shown, sizeof shown, "%s/%s", base == NULL ? folder :
	    base + 1, name);
	t->each(t->arg, shown);
	if (!t->dry && unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s/%s'",
		    folder, name);
	return 0;
}

int
v2m_dir_tidy(struct v2m_dir_index *ix, enum v2m_kind kind,
    const char *folder, const struct v2m_dir_tidy *t, struct v2m_err *err)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	int ret = 0;

	if (d == NULL)
		return v2m_err_sys(err, V2M_IO, "cannot list '%s'", folder);
	errno = 0;
	while (ret == 0 && (entry = readdir(d)) != NULL) {
		ret = tidy_one(ix, kind, dirfd(d), folder, entry->d_name, t,
		    err);
		errno = 0;
	}
	if (ret == 0 && errno != 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot list '%s'", folder);
	closedir(d);
	return ret;
}
