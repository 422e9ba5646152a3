#include "store/dir_tidy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool
is_temporary(const char *name)
{
	size_t n = strlen(name);

	return n > 9 && strncmp(name, ".v2m-", 5) == 0 &&
	    strcmp(name + n - 4, ".tmp") == 0;
}

/* A folder and its files.  known(arg, id): does a file with this ID belong to
 * something?  1, 0, -1. */
struct place {
	const char *folder;
	const char *suffix;		/* of the file, after the ID */
	struct v2m_db *db;		/* to note that the folder is tidy;
					 * NULL: not noted */
	int (*known)(void *arg, const char *id, struct v2m_err *err);
	void *arg;
};

/* The ID in a file name; false: it is not a file of v2m. */
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

enum { FAILED = -1, FINE, LEFT, YOUNG };

/* What is this file?  YOUNG: too new to tell. */
static int
judge_file(const struct place *place, int dirfd, const char *name,
    int64_t before_ms, struct v2m_err *err)
{
	/* Temporary files are reported only once, though the folder of videos
	 * is read twice. */
	bool temporary = place->suffix[0] == '\0' && is_temporary(name);
	char id[V2M_ID_SIZE];
	struct stat st;
	int found;

	if (!temporary) {
		if (!id_of(place, name, id))
			return FINE;
		found = place->known(place->arg, id, err);
		if (found != 0)
			return found < 0 ? FAILED : FINE;
	}
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return FINE;
	if ((int64_t)st.st_mtim.tv_sec * 1000 >= before_ms)
		return YOUNG;
	/* Look for the row again: it may have come meanwhile. */
	if (temporary)
		return LEFT;
	found = place->known(place->arg, id, err);
	return found < 0 ? FAILED : found == 0 ? LEFT : FINE;
}

/* FINE; YOUNG; LEFT: it was removed or reported; FAILED. */
static int
tidy_one(const struct place *place, int dirfd, const char *name,
    const struct v2m_tidy *t, struct v2m_err *err)
{
	const char *folder = place->folder, *base = strrchr(folder, '/');
	int judged = judge_file(place, dirfd, name, t->before_ms, err);
	char shown[512];

	if (judged != LEFT)
		return judged;
	snprintf(shown, sizeof shown, "%s/%s", base == NULL ? folder :
	    base + 1, name);
	t->each(t->arg, shown);
	if (!t->dry && unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s/%s'",
		    folder, name);
	return LEFT;
}

/* 1: all files of the folder are fine; 0; -1. */
static int
tidy_folder(const struct place *place, DIR *d, const struct v2m_tidy *t,
    struct v2m_err *err)
{
	struct dirent *entry;
	int judged, fine = 1;

	errno = 0;
	while ((entry = readdir(d)) != NULL) {
		judged = tidy_one(place, dirfd(d), entry->d_name, t, err);
		if (judged < 0)
			return -1;
		if (judged != FINE)
			fine = 0;
		errno = 0;
	}
	if (errno != 0)
		return v2m_err_sys(err, V2M_IO, "cannot list '%s'",
		    place->folder);
	return fine;
}

/* --- folders known to be tidy ---
 *
 * A folder where all files were fine, and that has not changed since, need not
 * be read again.  If a row is removed and its file stays, the folder does not
 * change; so removing a row also deletes this note (dir_index.c).  That may
 * happen while the folder is read, so the note is made in two steps: before
 * reading, `complete` gets a number of this run; at the end it is set to
 * complete only if that number is still there. */

#define STAMP 80
#define SETTLED_S 5		/* more than the resolution of file times */

/* A text that changes when the folder does.  "": it has just changed, and
 * another change could have the same time. */
static void
stamp_of(int fd, bool none, char stamp[STAMP])
{
	struct timespec now;
	struct stat st;

	stamp[0] = '\0';
	if (none || fstat(fd, &st) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    now.tv_sec - st.st_mtim.tv_sec < SETTLED_S)
		return;
	snprintf(stamp, STAMP, "%ju %jd.%09ld", (uintmax_t)st.st_ino,
	    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void
name_of(const struct place *place, char *dst, size_t size)
{
	const char *base = strrchr(place->folder, '/');

	snprintf(dst, size, "%s%s", base == NULL ? place->folder : base + 1,
	    place->suffix);
}

/* 1, 0, -1. */
static int
is_tidied(const struct place *place, const char *stamp, struct v2m_err *err)
{
	char name[64];
	int64_t one;

	name_of(place, name, sizeof name);
	return v2m_db_int(place->db, err, &one, "SELECT 1 FROM tidied WHERE "
	    "folder = ? AND stamp = ? AND complete = 1", "tt", name, stamp);
}

/* An error of these two, such as a full disk, is not an error of the whole. */
static bool
begin_tidied(const struct place *place, const char *stamp, int64_t walk)
{
	char name[64];

	name_of(place, name, sizeof name);
	return v2m_db_run(place->db, NULL, NULL, "INSERT OR REPLACE INTO "
	    "tidied (folder, stamp, complete) VALUES (?, ?, ?)", "tti", name,
	    stamp, walk) >= 0;
}

static void
end_tidied(const struct place *place, const char *stamp, int64_t walk)
{
	char name[64];

	name_of(place, name, sizeof name);
	v2m_db_run(place->db, NULL, NULL, "UPDATE tidied SET complete = 1 "
	    "WHERE folder = ? AND stamp = ? AND complete = ?", "tti", name,
	    stamp, walk);
}

/* A number of this run, below 0. */
static int64_t
number_walk(void)
{
	uint64_t bits;

	v2m_random(&bits, sizeof bits);
	return -(int64_t)(bits >> 1) - 1;
}

/* --- all of it --- */

static int
tidy_unless_tidied(const struct place *place, DIR *d,
    const struct v2m_tidy *t, struct v2m_err *err)
{
	int64_t walk = number_walk();
	char stamp[STAMP];
	bool marks;
	int ret;

	stamp_of(dirfd(d), place->db == NULL, stamp);
	if (!t->full && stamp[0] != '\0') {
		ret = is_tidied(place, stamp, err);
		if (ret != 0)
			return ret < 0 ? -1 : 0;
	}
	marks = !t->dry && stamp[0] != '\0' &&
	    begin_tidied(place, stamp, walk);
	ret = tidy_folder(place, d, t, err);
	if (ret == 1 && marks)
		end_tidied(place, stamp, walk);
	return ret < 0 ? -1 : 0;
}

static int
tidy_place(const struct place *place, const struct v2m_tidy *t,
    struct v2m_err *err)
{
	DIR *d = opendir(place->folder);
	int ret;

	if (d == NULL)
		return v2m_err_sys(err, V2M_IO, "cannot list '%s'",
		    place->folder);
	ret = tidy_unless_tidied(place, d, t, err);
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
	struct place place = { folder, "", db, has_row, &table };

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
	    d->shared ? d->db : NULL, is_partial, &arg };

	if (tidy_place(&place, t, err) < 0)
		return -1;
	place.suffix = V2M_DIR_FENCE;
	return tidy_place(&place, t, err);
}
