/* Reads the file of an object or a partial upload. */
#include "store/dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

struct reader {
	int fd;
	char what[V2M_OBJECT_WHAT];	/* for messages */
};

void *
v2m_dir_reader(int fd, const char *what, struct v2m_err *err)
{
	struct reader *r = calloc(1, sizeof *r);

	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read %s", what);
		close(fd);
		return NULL;
	}
	snprintf(r->what, sizeof r->what, "%s", what);
	r->fd = fd;
	return r;
}

int
v2m_dir_fd(void *reader)
{
	const struct reader *r = reader;

	return r->fd;
}

/* The range is within the object: fewer bytes mean that the file was cut. */
ssize_t
v2m_dir_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	struct reader *r = reader;
	ssize_t got = v2m_io_pread(r->fd, buf, n, offset, r->what, err);

	if (got >= 0 && (size_t)got < n)
		return v2m_err_set(err, V2M_IO, "cannot read %s: its file was "
		    "cut off at byte %lld", r->what, (long long)offset + got);
	return got;
}

void
v2m_dir_release(void *reader)
{
	struct reader *r = reader;

	close(r->fd);
	free(r);
}
