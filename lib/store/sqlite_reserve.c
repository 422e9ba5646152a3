/* A reserve of 1 MiB, to be able to remove jobs when the disk is full and the
 * file system is copy-on-write, so that even a removal needs space.  Its bytes
 * are random, so that no file system can compress them. */
#include "store/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/io.h"

#define NAME "reserve"
#define SIZE (1 << 20)

static void
name_path(const struct v2m_sqlite *q, char path[V2M_SQLITE_PATH + 16])
{
	snprintf(path, V2M_SQLITE_PATH + 16, "%s/" NAME, q->root);
}

static bool
fill(char *buf)
{
	size_t at = 0;
	ssize_t n;

	while (at < SIZE) {
		n = getrandom(buf + at, SIZE - at, 0);
		if (n < 0 && errno != EINTR)
			return false;
		at += n < 0 ? 0 : (size_t)n;
	}
	return true;
}

static void
make(struct v2m_sqlite *q)
{
	struct v2m_newfile f = { .fd = -1 };
	char *buf = malloc(SIZE);

	/* If another process makes it at the same time, that is fine too. */
	if (buf != NULL && fill(buf) &&
	    v2m_newfile_open(&f, q->root, 0600, NULL) == 0 &&
	    v2m_io_write(f.fd, buf, SIZE, NAME, NULL) == 0)
		v2m_newfile_commit(&f, NAME, false, NULL);
	v2m_newfile_discard(&f);
	free(buf);
}

void
v2m_sqlite_reserve_keep(void *self, int64_t free_reserve)
{
	struct v2m_sqlite *q = self;
	char path[V2M_SQLITE_PATH + 16];

	name_path(q, path);
	if (access(path, F_OK) < 0 && errno == ENOENT &&
	    v2m_io_room(q->root, SIZE, 2 * free_reserve, NULL) == 0)
		make(q);
}

/* Does writing this record lead to free space? */
static bool
frees(const struct v2m_record *r)
{
	return r->state == V2M_JOB_CANCELLED ||
	    ((r->state == V2M_JOB_DONE || r->state == V2M_JOB_FAILED) &&
	    (r->video_gone != 0 || r->mp3[0] == '\0'));
}

static bool
is_full(const struct v2m_err *err)
{
	return err->sys == ENOSPC || err->sys == EDQUOT;
}

int
v2m_sqlite_reserve_put(void *self, const struct v2m_record *r,
    int64_t old_rev, bool *full, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	char path[V2M_SQLITE_PATH + 16];
	struct v2m_err why = { .code = V2M_OK };
	int put = v2m_sqlite_put(q, r, old_rev, &why);

	/* BEGIN takes the lock for writing, but does not write. */
	if (put < 0 && is_full(&why) && frees(r) &&
	    v2m_db_begin(q->db, &why) == 0) {
		name_path(q, path);
		unlink(path);
		put = v2m_sqlite_put(q, r, old_rev, &why);
		if (put >= 0 && v2m_db_commit(q->db, &why) < 0)
			put = -1;
		*full = put == 1;
		v2m_db_rollback(q->db);
	}
	if (put < 0)
		v2m_err_pass(err, &why);
	return put;
}
