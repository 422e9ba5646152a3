/* dir_reserve.c - 1 MiB that is kept for removing, where the disk is full and
 * nothing can be written in place (copy-on-write file systems).  Random bytes,
 * which no file system compresses away. */
#include "store/dir.h"

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
name_path(const struct v2m_dir *d, char path[V2M_DIR_PATH + 16])
{
	snprintf(path, V2M_DIR_PATH + 16, "%s/" NAME, d->root);
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
make(struct v2m_dir *d)
{
	struct v2m_newfile f = { .fd = -1 };
	char *buf = malloc(SIZE);

	/* Two at a time: one name is taken then, and that is fine. */
	if (buf != NULL && fill(buf) &&
	    v2m_newfile_open(&f, d->root, 0600, NULL) == 0 &&
	    v2m_io_write(f.fd, buf, SIZE, NAME, NULL) == 0)
		v2m_newfile_commit(&f, NAME, false, NULL);
	v2m_newfile_discard(&f);
	free(buf);
}

void
v2m_dir_reserve_keep(struct v2m_dir *d, int64_t free_reserve)
{
	char path[V2M_DIR_PATH + 16];

	name_path(d, path);
	if (access(path, F_OK) < 0 && errno == ENOENT &&
	    v2m_io_room(d->root, SIZE, 2 * free_reserve, NULL) == 0)
		make(d);
}

/* What leaves with this record goes before anything else: whoever waits for
 * room on this disk would be faster than our next step. */
static void
unlink_bytes(struct v2m_dir *d, const struct v2m_record *r)
{
	char path[V2M_DIR_PATH + V2M_NAME_MAX];

	if (r->state != V2M_JOB_CANCELLED)
		return;
	snprintf(path, sizeof path, "%s/%s", d->folders[V2M_VIDEO], r->id);
	unlink(path);
	if (r->mp3[0] == '\0')
		return;
	snprintf(path, sizeof path, "%s/%s", d->folders[V2M_MP3], r->mp3);
	unlink(path);
}

/* Does it make room, when it is written? */
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
v2m_dir_reserve_put(struct v2m_dir *d, const struct v2m_record *r,
    int64_t old_rev, struct v2m_err *err)
{
	struct v2m_db *db = d->index.db;
	char path[V2M_DIR_PATH + 16];
	struct v2m_err why = { .code = V2M_OK };
	int put = v2m_dir_records_put(&d->index, r, old_rev, &why);

	/* To begin takes the writer's lock and writes nothing. */
	if (put < 0 && is_full(&why) && frees(r) &&
	    v2m_db_begin(db, &why) == 0) {
		name_path(d, path);
		unlink(path);
		put = v2m_dir_records_put(&d->index, r, old_rev, &why);
		if (put >= 0 && v2m_db_commit(db, &why) < 0)
			put = -1;
		if (put == 1)
			unlink_bytes(d, r);
		v2m_db_rollback(db);
	}
	if (put < 0 && err != NULL)
		*err = why;
	return put;
}
