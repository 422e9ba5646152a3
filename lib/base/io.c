#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/hold.h"
#include "base/id.h"
#include "base/text.h"

int
v2m_io_write(int fd, const void *buf, size_t n, const char *what,
    struct v2m_err *err)
{
	const char *p = buf;

	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return v2m_err_sys(err, V2M_IO, "cannot write %s",
			    what);
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* offset NULL: from the current position of fd. */
static ssize_t
read_all(int fd, char *buf, size_t n, const int64_t *offset, const char *what,
    struct v2m_err *err)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = offset == NULL ?
		    read(fd, buf + have, n - have) : pread(fd, buf + have,
		    n - have, *offset + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return v2m_err_sys(err, V2M_IO, "cannot read %s",
			    what);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

ssize_t
v2m_io_read(int fd, void *buf, size_t n, const char *what,
    struct v2m_err *err)
{
	return read_all(fd, buf, n, NULL, what, err);
}

ssize_t
v2m_io_pread(int fd, void *buf, size_t n, int64_t offset, const char *what,
    struct v2m_err *err)
{
	return read_all(fd, buf, n, &offset, what, err);
}

int
v2m_io_tmpfile(const char *dir, struct v2m_err *err)
{
	char path[PATH_MAX];
	int fd;

	if (dir == NULL)
		dir = getenv("TMPDIR");
	if (dir == NULL || dir[0] != '/')
		dir = "/var/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof path, "%s/v2m.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot make a temporary file in '%s'", dir);
	unlink(path);
	return fd;
}

int
v2m_io_spool(int from, int64_t max, int64_t reserve, int64_t *length,
    struct v2m_err *err)
{
	char buf[64 * 1024], limit[32];
	int fd = v2m_io_tmpfile(NULL, err);
	int64_t have = 0, held = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	reserve = v2m_hold_reserve(fd, reserve);
	while ((n = v2m_io_read(from, buf, sizeof buf, "the input", err)) > 0) {
		have += n;
		if (have > max) {
			v2m_err_set(err, V2M_DATA, "larger than max_upload "
			    "(%s)", v2m_text_size(limit, max));
			goto fail;
		}
		if (v2m_hold_ahead(fd, have, &held, reserve, err) < 0 ||
		    v2m_io_write(fd, buf, (size_t)n, "a temporary file",
		    err) < 0)
			goto fail;
	}
	v2m_hold_end(fd);
	if (n < 0)
		goto fail;
	if (lseek(fd, 0, SEEK_SET) < 0) {
		v2m_err_sys(err, V2M_IO, "cannot rewind a temporary file");
		goto fail;
	}
	*length = have;
	return fd;
fail:
	close(fd);
	return -1;
}

int
v2m_io_mkdirs(const char *path, mode_t mode, struct v2m_err *err)
{
	char part[PATH_MAX];
	char *p;

	if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
		return v2m_err_set(err, V2M_CANTCREATE, "path too long: '%s'",
		    path);
	for (p = part + 1;; p++) {
		char old = *p;

		if (old != '/' && old != '\0')
			continue;
		*p = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return v2m_err_sys(err, V2M_CANTCREATE,
			    "cannot make the folder '%s'", part);
		if (old == '\0')
			return 0;
		*p = old;
	}
}

int
v2m_io_room(const char *dir, int64_t need, int64_t reserve,
    struct v2m_err *err)
{
	char have[32], figure[32], needed[48] = "", kept[64] = "";
	struct statvfs v;
	double room;

	if (statvfs(dir, &v) < 0)
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot look at '%s'", dir);
	room = (double)v.f_bavail * (double)v.f_frsize;
	if (room >= (double)need + (double)reserve)
		return 0;
	if (need > 0)
		snprintf(needed, sizeof needed, ", %s are needed",
		    v2m_text_size(figure, need));
	if (reserve > 0)
		snprintf(kept, sizeof kept, ", and free_reserve keeps %s",
		    v2m_text_size(figure, reserve));
	v2m_err_set(err, V2M_TEMP, "not enough room in '%s': %s are free%s%s",
	    dir, v2m_text_size(have, (int64_t)room), needed, kept);
	if (err != NULL)
		err->sys = ENOSPC;
	return -1;
}

bool
v2m_io_empty_dir(const char *dir, const char *passed_over)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	bool empty = d != NULL;

	while (empty && (e = readdir(d)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 || (passed_over != NULL &&
		    strncmp(e->d_name, passed_over, strlen(passed_over)) == 0);
	if (d != NULL)
		closedir(d);
	return empty;
}

uint64_t
v2m_io_raise_files(uint64_t wanted)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	before = limit.rlim_cur;
	if (before >= wanted)
		return before;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max :
	    (rlim_t)wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? before : limit.rlim_cur;
}

int
v2m_io_sync_dir(const char *dir, struct v2m_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int bad = fd < 0 || fsync(fd) < 0;

	if (bad)
		v2m_err_sys(err, V2M_IO, "cannot flush the folder '%s'", dir);
	if (fd >= 0)
		close(fd);
	return bad ? -1 : 0;
}

int
v2m_newfile_open(struct v2m_newfile *f, const char *dir, mode_t mode,
    struct v2m_err *err)
{
	char id[V2M_ID_SIZE];

	f->temporary[0] = '\0';
	f->fd = -1;
	if (snprintf(f->dir, sizeof f->dir, "%s", dir) >= (int)sizeof f->dir)
		return v2m_err_set(err, V2M_CANTCREATE, "path too long: '%s'",
		    dir);
	f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	if (f->fd >= 0)
		return 0;
	/* Without O_TMPFILE, kernels and file systems return EISDIR or ENOENT.
	 * If the folder does not exist, the next open fails. */
	v2m_id_new(id);
	snprintf(f->temporary, sizeof f->temporary, "%s/.v2m-%s.tmp", dir, id);
	f->fd = open(f->temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode);
	if (f->fd < 0) {
		f->temporary[0] = '\0';
		if (errno == ENOENT)
			return v2m_err_set(err, V2M_CANTCREATE,
			    "there is no folder '%s'", dir);
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot create a file in '%s'", dir);
	}
	return 0;
}

/* Give the file a name that does not exist yet. */
static int
link_name(struct v2m_newfile *f, const char *path)
{
	char self[64];

	if (f->temporary[0] != '\0')
		return link(f->temporary, path);
	snprintf(self, sizeof self, "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* rename(2) replaces a file in one step, but needs a name for the new one. */
static int
replace_name(struct v2m_newfile *f, const char *path)
{
	char name[sizeof f->temporary], id[V2M_ID_SIZE];

	if (f->temporary[0] == '\0') {
		v2m_id_new(id);
		snprintf(name, sizeof name, "%s/.v2m-%s.tmp", f->dir, id);
		if (link_name(f, name) < 0)
			return -1;
		memcpy(f->temporary, name, sizeof name);
	}
	if (rename(f->temporary, path) < 0)
		return -1;
	f->temporary[0] = '\0';
	return 0;
}

int
v2m_newfile_commit(struct v2m_newfile *f, const char *name, bool replace,
    struct v2m_err *err)
{
	char path[sizeof f->dir + V2M_NAME_MAX + 2];
	struct stat st;

	if (snprintf(path, sizeof path, "%s/%s", f->dir, name) >=
	    (int)sizeof path)
		return v2m_err_set(err, V2M_CANTCREATE, "name too long: '%s'",
		    name);
	/* root would replace /dev/null. */
	if (replace && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return v2m_err_set(err, V2M_CANTCREATE,
		    "'%s' is not a regular file", path);
	if (fsync(f->fd) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot write '%s'", path);
	if ((replace ? replace_name(f, path) : link_name(f, path)) < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot create '%s'",
		    path);
	v2m_newfile_discard(f);
	return v2m_io_sync_dir(f->dir, err);
}

void
v2m_newfile_discard(struct v2m_newfile *f)
{
	if (f->temporary[0] != '\0')
		unlink(f->temporary);
	f->temporary[0] = '\0';
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}
