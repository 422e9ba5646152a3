#include "base/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/stop.h"

#define PIECE (1 << 20)

/* Have the kernel copy, or share the blocks.  1; 0: it cannot do that here;
 * -1. */
static int
copy_in_kernel(int from, int to, const char *name, struct v2m_err *err)
{
	ssize_t n;
	int any = 0;

	while ((n = copy_file_range(from, NULL, to, NULL, PIECE, 0)) > 0) {
		any = 1;
		if (v2m_stop_check(err) < 0)
			return -1;
	}
	if (n == 0 && any)
		return 1;
	/* 0 bytes at once: some file systems do this with every file. */
	return !any && errno != ENOSPC && errno != EDQUOT ? 0 :
	    v2m_err_sys(err, V2M_IO, "cannot copy '%s'", name);
}

static int
copy_by_hand(int from, int to, const char *name, struct v2m_err *err)
{
	char *buf = malloc(PIECE);
	ssize_t n;
	int ret = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot copy '%s'", name);
	while ((n = v2m_io_read(from, buf, PIECE, name, err)) > 0)
		if (v2m_stop_check(err) < 0 ||
		    v2m_io_write(to, buf, (size_t)n, name, err) < 0)
			goto out;
	ret = n < 0 ? -1 : 0;
out:
	free(buf);
	return ret;
}

static int
copy_bytes(int from, int to, const char *name, struct v2m_err *err)
{
	int done = copy_in_kernel(from, to, name, err);

	return done == 0 ? copy_by_hand(from, to, name, err) : done;
}

static int
copy_file(int from, const char *dir, const char *name, struct v2m_err *err)
{
	struct v2m_newfile f = { .fd = -1 };
	int ret = -1;

	if (v2m_newfile_open(&f, dir, 0600, err) == 0 &&
	    copy_bytes(from, f.fd, name, err) >= 0)
		ret = v2m_newfile_commit(&f, name, true, err);
	v2m_newfile_discard(&f);
	return ret < 0 ? -1 : V2M_FILE_COPIED;
}

/* false: no link is possible, so copy. */
static bool
link_file(const char *from, const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >=
	    (int)sizeof path)
		return false;
	if (link(from, path) == 0)
		return true;
	return errno == EEXIST && unlink(path) == 0 && link(from, path) == 0;
}

int
v2m_file_copy(const char *from, const char *dir, const char *name,
    bool link, struct v2m_err *err)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	int ret = -1;

	if (fd < 0 && errno == ENOENT)
		return V2M_FILE_GONE;
	if (fd < 0 || fstat(fd, &st) < 0)
		v2m_err_sys(err, V2M_IO, "cannot open '%s'", from);
	else if (!S_ISREG(st.st_mode))
		v2m_err_set(err, V2M_IO, "'%s' is not a regular file", from);
	else if (link && link_file(from, dir, name))
		ret = V2M_FILE_LINKED;
	else
		ret = copy_file(fd, dir, name, err);
	if (fd >= 0)
		close(fd);
	return ret;
}
