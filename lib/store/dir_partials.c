/* Partial uploads: a file for each, FOLDER/videos/ID.part, which becomes the
 * video by a link.  It is in the folder of videos, as that may be a disk of its
 * own, and links do not work between disks.
 *
 * The fence is a number in FOLDER/videos/ID.fence.  Whoever reads or writes it,
 * or writes bytes, holds the lock of ID.part.  So after another has taken the
 * upload, no earlier holder can write.  The fence is not flushed, as no holder
 * survives a crash of the machine.  A missing fence (of an older v2m, or lost
 * in such a crash) counts as lower than all others. */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"

#define CHUNK_SIZE (256 * 1024)
#define LOCK_MS 10000
#define FILE_PATH (V2M_DIR_PATH + V2M_ID_SIZE + 8)
#define FENCE_DIGITS 19		/* the file always has so many */

static void
name_part(const struct v2m_dir *d, const char *id, char path[FILE_PATH])
{
	snprintf(path, FILE_PATH, "%s/%s" V2M_DIR_PARTIAL,
	    d->folders[V2M_VIDEO], id);
}

static void
name_fence(const struct v2m_dir *d, const char *id, char path[FILE_PATH])
{
	snprintf(path, FILE_PATH, "%s/%s" V2M_DIR_FENCE,
	    d->folders[V2M_VIDEO], id);
}

static void
name_video(const struct v2m_dir *d, const char *id, char path[FILE_PATH])
{
	snprintf(path, FILE_PATH, "%s/%s", d->folders[V2M_VIDEO], id);
}

int64_t
v2m_dir_partial_chunk_size(void *self)
{
	(void)self;
	return CHUNK_SIZE;
}

/* --- the fence --- */

static int
partial_is_gone(const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "the upload %s was taken over by "
	    "another connection, or removed", id);
}

/* Wait for the lock.  It is only held for long if a writer or a disk hangs. */
static int
lock_file(int fd, const char *id, struct v2m_err *err)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };
	int64_t until = v2m_mono_ms() + LOCK_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return v2m_err_sys(err, V2M_IO, "cannot lock the "
			    "upload %s", id);
		if (v2m_mono_ms() > until)
			return v2m_err_set(err, V2M_TEMP, "the upload %s is "
			    "still being written by another connection", id);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Open and lock ID.part.  The descriptor; -1. */
static int
open_locked(const struct v2m_dir *d, const char *id, struct v2m_err *err)
{
	char path[FILE_PATH];
	int fd;

	name_part(d, id, path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return partial_is_gone(id, err);
	if (fd < 0)
		return v2m_err_sys(err, V2M_IO, "cannot open '%s'", path);
	if (lock_file(fd, id, err) == 0)
		return fd;
	close(fd);
	return -1;
}

/* With the lock held.  *fence is 0 if there is none. */
static int
read_fence(const struct v2m_dir *d, const char *id, int64_t *fence,
    struct v2m_err *err)
{
	char path[FILE_PATH], text[FENCE_DIGITS + 1] = "";
	int fd, ret = 0;

	*fence = 0;
	name_fence(d, id, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || pread(fd, text, FENCE_DIGITS, 0) < 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot read '%s'", path);
	else
		*fence = strtoll(text, NULL, 10);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* With the lock held.  It overwrites a number of the same length. */
static int
write_fence(const struct v2m_dir *d, const char *id, int64_t fence,
    struct v2m_err *err)
{
	char path[FILE_PATH], text[FENCE_DIGITS + 1];
	int fd, ret = 0;

	name_fence(d, id, path);
	snprintf(text, sizeof text, "%0*" PRId64, FENCE_DIGITS, fence);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || pwrite(fd, text, FENCE_DIGITS, 0) != FENCE_DIGITS)
		ret = v2m_err_sys(err, V2M_IO, "cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Write our fence, unless a higher one is there.  With the lock held. */
static int
raise_fence(const struct v2m_dir *d, const char *id, int64_t fence,
    struct v2m_err *err)
{
	int64_t there;

	if (read_fence(d, id, &there, err) < 0)
		return -1;
	if (there > fence)
		return partial_is_gone(id, err);
	return write_fence(d, id, fence, err);
}

/* Open and lock, if the fence is this one.  The descriptor; -1. */
static int
open_fenced(struct v2m_dir *d, const char *id, int64_t fence,
    struct v2m_err *err)
{
	int fd = open_locked(d, id, err);
	int64_t there;

	if (fd < 0)
		return -1;
	if (read_fence(d, id, &there, err) == 0) {
		if (there == fence)
			return fd;
		partial_is_gone(id, err);
	}
	close(fd);
	return -1;
}

int
v2m_dir_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err)
{
	const struct v2m_dir *d = self;
	char path[FILE_PATH];
	int fd, ret;

	name_part(d, id, path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == ENOENT)
		return v2m_err_set(err, V2M_CONFIG, "the store has no folder "
		    "'%s': run v2m-init", d->folders[V2M_VIDEO]);
	if (fd < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot create '%s'",
		    path);
	/* Another may have taken it at once. */
	ret = lock_file(fd, id, err);
	if (ret == 0)
		ret = raise_fence(d, id, fence, err);
	close(fd);
	return ret < 0 ? -1 : v2m_io_sync_dir(d->folders[V2M_VIDEO], err);
}

int
v2m_dir_partial_take(void *self, const char *id, int64_t fence, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	int fd = open_locked(self, id, err), ret = -1;
	struct stat st;

	(void)chunk_size;
	if (fd < 0)
		return -1;
	if (raise_fence(self, id, fence, err) < 0)
		ret = -1;
	else if (fstat(fd, &st) < 0 || st.st_size < size)
		v2m_err_set(err, V2M_IO, "the upload %s is damaged: %lld "
		    "bytes were saved, its file has %lld", id,
		    (long long)size, (long long)st.st_size);
	else if (st.st_size > size && ftruncate(fd, size) < 0)
		v2m_err_sys(err, V2M_IO, "cannot cut the upload %s", id);
	else
		ret = 0;
	close(fd);
	return ret;
}

/* --- bytes --- */

static int
write_at(int fd, const char *id, const char *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	ssize_t done;

	while (n > 0) {
		done = pwrite(fd, buf, n, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return v2m_err_sys(err, V2M_IO, "cannot store the "
			    "upload %s", id);
		buf += done;
		n -= (size_t)done;
		offset += done;
	}
	return 0;
}

/* The kernel is told to begin writing to disk, so that a save is quick. */
int
v2m_dir_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err)
{
	int fd = open_fenced(self, id, fence, err), ret;

	(void)chunk_size;
	if (fd < 0)
		return -1;
	ret = write_at(fd, id, buf, n, offset, err);
	if (ret == 0 && n >= CHUNK_SIZE)
		sync_file_range(fd, offset, (off_t)n, SYNC_FILE_RANGE_WRITE);
	close(fd);
	return ret;
}

int
v2m_dir_partial_sync(void *self, const char *id, struct v2m_err *err)
{
	char path[FILE_PATH];
	int fd, ret = 0;

	name_part(self, id, path);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? partial_is_gone(id, err) :
		    v2m_err_sys(err, V2M_IO, "cannot open '%s'", path);
	if (fdatasync(fd) < 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot flush '%s'", path);
	close(fd);
	return ret;
}

void *
v2m_dir_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	char path[FILE_PATH], what[V2M_OBJECT_WHAT];
	struct stat st;
	int fd;

	(void)chunk_size;
	name_part(self, id, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		if (errno == ENOENT)
			partial_is_gone(id, err);
		else
			v2m_err_sys(err, V2M_IO, "cannot open '%s'", path);
		return NULL;
	}
	if (fstat(fd, &st) < 0 || st.st_size < size) {
		v2m_err_set(err, V2M_IO, "the upload %s is damaged: its file "
		    "is too short", id);
		close(fd);
		return NULL;
	}
	snprintf(what, sizeof what, "the upload %s", id);
	return v2m_dir_reader(fd, what, err);
}

/* --- its end --- */

static int
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Link it as the video.  If it has that name already, an earlier try was
 * interrupted. */
static int
link_video(struct v2m_dir *d, int fd, const char *id, struct v2m_err *err)
{
	char from[FILE_PATH], to[FILE_PATH];

	name_part(d, id, from);
	name_video(d, id, to);
	if (link(from, to) < 0 && errno != EEXIST)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot create '%s'",
		    to);
	if (!same_file(fd, to))
		return 0;
	return v2m_io_sync_dir(d->folders[V2M_VIDEO], err) < 0 ? -1 : 1;
}

/* 1; 0: there is a row of another object; -1. */
static int
add_row(struct v2m_dir *d, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_err failure = { 0 };
	int added = v2m_dir_index_add(d->db, V2M_VIDEO, object, &failure);

	if (added == 0)
		added = v2m_dir_index_adopt(d->db, V2M_VIDEO, object,
		    &failure);
	if (added < 0)
		v2m_err_pass(err, &failure);
	return added;
}

int
v2m_dir_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_dir *d = self;
	int fd = open_fenced(d, object->id, object->fence, err), ret = -1;

	(void)chunk_size;
	if (fd < 0)
		return -1;
	if (v2m_fault("store-written", err) < 0)
		goto out;
	/* An older holder may have written more bytes. */
	if (ftruncate(fd, object->length) < 0 || fsync(fd) < 0) {
		v2m_err_sys(err, V2M_IO, "cannot flush the upload %s",
		    object->id);
		goto out;
	}
	ret = link_video(d, fd, object->id, err);
	if (ret == 1 && v2m_fault("store-linked", err) < 0)
		ret = -1;
	if (ret == 1)
		ret = add_row(d, object, err);
	if (ret == 1 && v2m_fault("store-committed", err) < 0)
		ret = -1;
out:
	close(fd);
	return ret;
}

/* With the lock, so that nobody takes it over between row and file.  If the
 * upload's file is gone, nobody can take it over. */
int
v2m_dir_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_dir *d = self;
	struct v2m_err failure;
	char path[FILE_PATH];
	int fd = open_locked(d, object->id, &failure), dropped;

	if (fd < 0 && (failure.code != V2M_DENIED ||
	    v2m_err_is_access(&failure)))
		return v2m_err_pass(err, &failure);
	dropped = v2m_dir_index_drop_fenced(d->db, V2M_VIDEO, object, err);
	name_video(d, object->id, path);
	if (dropped == 1 && unlink(path) < 0 && errno != ENOENT)
		dropped = v2m_err_sys(err, V2M_IO, "cannot remove '%s'", path);
	if (fd >= 0)
		close(fd);
	return dropped < 0 ? -1 : 0;
}

int
v2m_dir_partial_erase(void *self, const char *id, struct v2m_err *err)
{
	char path[FILE_PATH];

	name_part(self, id, path);
	if (unlink(path) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s'", path);
	name_fence(self, id, path);
	if (unlink(path) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s'", path);
	return 0;
}
