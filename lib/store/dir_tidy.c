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

/* What files of a folder are, by their IDs: known(arg, id) is 1, 0, -1. */
struct place {
	const char *folder;
	const char *suffix;		/* behind the ID */
	int (*known)(void *arg, const char *id, struct v2m_err *err);
	void *arg;
};

/* The ID of a file's name; false: it is not ours. */
static bool
id_of(const struct place *place, const char *name, char id[V2M_ID_SIZE])
{
	if (strlen(name) < V2M_ID_SIZE - 1 ||
	    strcmp(name + V2M_ID_SIZE - 1, place->suffix) != 0)
		return false;
	memcpy(id, name, V2M_ID_SIZE - 1);
	id[V2M_ID_SIZE - 1] = '\0';
	return v2m_id_valid(id);
}

/* 1 it is left over, 0 it is not, -1. */
static int
is_left(const struct place *place, int dirfd, const char *name,
    int64_t before_ms, struct v2m_err *err)
{
	/* They are told of once, though the videos' folder is walked more
	 * than once. */
	bool temporary = place->suffix[0] == '\0' && is_temporary(name);
	char id[V2M_ID_SIZE];
	struct stat st;
	int found;

	if ((!temporary && !id_of(place, name, id)) ||
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) ||
	    (int64_t)st.st_mtim.tv_sec * 1000 >= before_ms)
		return 0;
	if (temporary)
		return 1;
	found = place->known(place->arg, id, err);
	return found < 0 ? -1 : found == 0;
}

static int
tidy_one(const struct place *place, int dirfd, const char *name,
    const struct v2m_tidy *t, struct v2m_err *err)
{
	const char *folder = place->folder, *base = strrchr(folder, '/');
	int left = is_left(place, dirfd, name, t->before_ms, err);
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

static int
tidy_place(const struct place *place, const struct v2m_tidy *t,
    struct v2m_err *err)
{
	const char *folder = place->folder;
	DIR *d = opendir(folder);
	struct dirent *entry;
	int ret = 0;

	if (d == NULL)
		return v2m_err_sys(err, V2M_IO, "cannot list '%s'", folder);
	errno = 0;
	while (ret == 0 && (entry = readdir(d)) != NULL) {
		ret = tidy_one(place, dirfd(d), entry->d_name, t, err);
		errno = 0;
	}
	if (ret == 0 && errno != 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot list '%s'", folder);
	closedir(d);
	return ret;
}

struct table {
	struct v2m_db *db;
	enum v2m_kind kind;
};

static int
has_row(void *arg, const char *id, struct v2m_err *err)
{
	const struct table *table = arg;

	return v2m_dir_index_find(table->db, table->kind, id, NULL, err);
}

int
v2m_dir_tidy(struct v2m_db *db, enum v2m_kind kind,
    const char *folder, const struct v2m_tidy *t, struct v2m_err *err)
{
	struct table table = { db, kind };
	struct place place = { folder, "", has_row, &table };

	return tidy_place(&place, t, err);
}

static int
is_partial(void *arg, const char *id, struct v2m_err *err)
{
	const struct v2m_tidy *t = arg;

	return t->is_partial(t->partials, id, err);
}

int
v2m_dir_tidy_partials(struct v2m_dir *d, const struct v2m_tidy *t,
    struct v2m_err *err)
{
	struct v2m_tidy arg = *t;
	struct place place = { d->folders[V2M_VIDEO], V2M_DIR_PARTIAL,
	    is_partial, &arg };

	if (tidy_place(&place, t, err) < 0)
		return -1;
	place.suffix = V2M_DIR_FENCE;
	return tidy_place(&place, t, err);
}
