#include "flow/backup_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/state.h"
#include "base/version.h"
#include "flow/backup.h"

/* --- the folder --- */

/* Root gives the folder to the owner of the state, who will write into it. */
static int
give_away(const struct v2m_conf *conf, const char *dir, struct v2m_err *err)
{
	int fd, found, ret = 0;
	struct stat st;
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0)
		return 0;
	found = v2m_state_owner(conf, &uid, &gid, err);
	if (found <= 0 || uid == 0)
		return found;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != 0 ||
	    fchown(fd, uid, gid) < 0)
		ret = v2m_err_sys(err, V2M_CANTCREATE, "cannot give '%s' to "
		    "the owner of the state", dir);
	if (fd >= 0)
		close(fd);
	return ret;
}

static bool
is_backup(const char *dir)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/" V2M_BACKUP_NOTE, dir) <
	    (int)sizeof path && access(path, F_OK) == 0;
}

static bool
is_within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* Neither folder may contain the other: files of the state would be removed
 * from the copy as old ones. */
static int
check_apart(const struct v2m_conf *conf, const char *dir,
    struct v2m_err *err)
{
	static const char *const keys[] = { "store", "objects" };
	char here[PATH_MAX], there[PATH_MAX];
	const char *places[3] = { conf->state };
	size_t i;

	for (i = 0; i < 2; i++)
		places[i + 1] = v2m_conf_rest(conf, keys[i], "dir");
	if (realpath(dir, here) == NULL)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot look at '%s'",
		    dir);
	for (i = 0; i < 3; i++)
		if (places[i] != NULL && realpath(places[i], there) != NULL &&
		    (is_within(here, there) || is_within(there, here)))
			return v2m_err_set(err, V2M_USAGE, "'%s' is inside a "
			    "folder of v2m's data, or contains one", dir);
	return 0;
}

int
v2m_backup_folder(const struct v2m_conf *conf, const char *dir,
    struct v2m_err *err)
{
	struct stat st;

	if (mkdir(dir, 0700) == 0) {
		if (check_apart(conf, dir, err) == 0)
			return give_away(conf, dir, err);
		rmdir(dir);
		return -1;
	}
	if (errno != EEXIST)
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot make the folder '%s'", dir);
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return v2m_err_set(err, V2M_CANTCREATE, "'%s' is not a folder",
		    dir);
	if (check_apart(conf, dir, err) < 0)
		return -1;
	if (is_backup(dir) || v2m_io_empty_dir(dir, NULL))
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE, "'%s' is used for something "
	    "else: take a new folder, '%s/v2m'", dir, dir);
}

/* --- the file that says what it is --- */

static int
note(const char *dir, const char *text, bool replace, struct v2m_err *err)
{
	struct v2m_newfile f = { .fd = -1 };
	int ret = -1;

	if (v2m_newfile_open(&f, dir, 0600, err) == 0 &&
	    v2m_io_write(f.fd, text, strlen(text), V2M_BACKUP_NOTE,
	    err) == 0)
		ret = v2m_newfile_commit(&f, V2M_BACKUP_NOTE, replace, err);
	v2m_newfile_discard(&f);
	return ret;
}

/* The lock is on the folder, as the note is a new file each time. */
int
v2m_backup_begin(const char *dir, struct v2m_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot open '%s'",
		    dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		v2m_err_busy(err, "another v2m-backup is at work in '%s'", dir);
	else if (is_backup(dir) || note(dir, "incomplete\n", false, err) == 0)
		return fd;
	close(fd);
	return -1;
}

int
v2m_backup_begin_end(const char *dir, struct v2m_err *err)
{
	return note(dir, "incomplete\n", true, err);
}

int
v2m_backup_end(const char *dir, struct v2m_err *err)
{
	char when[32], text[128];

	v2m_wall_text(when, v2m_wall_ms());
	snprintf(text, sizeof text, "complete %s v2m %s\n", when, V2M_VERSION);
	return note(dir, text, true, err);
}
