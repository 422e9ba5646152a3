#include "base/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"

#define AHEAD (1 << 20)		/* bytes, of a file of unknown length, */
#define AHEAD_PART 8		/* and this part of what it has */
#define TEMPORARY_PART 16	/* of a disk without the store, kept free */
#define RESERVE_PART 16		/* of the reserve, allocated at a time */
#define LEAST_PIECE (64 << 10)	/* bytes */

static int
no_room(int64_t room, int64_t need, int64_t reserve, struct v2m_err *err)
{
	char has[32], wants[32], keeps[32];

	if (room < 0)
		room = 0;
	if (reserve <= 0)
		return v2m_err_set(err, V2M_TEMP, "not enough room: %s are "
		    "free, and %s are needed", v2m_text_size(has, room),
		    v2m_text_size(wants, need));
	return v2m_err_set(err, V2M_TEMP, "not enough room: %s are free, %s "
	    "are needed, and free_reserve keeps %s", v2m_text_size(has, room),
	    v2m_text_size(wants, need), v2m_text_size(keeps, reserve));
}

/* No more than the largest file that is allowed (ulimit -f): beyond that, a
 * signal would end the process. */
static int64_t
allowed(int64_t bytes)
{
	struct rlimit most;

	return getrlimit(RLIMIT_FSIZE, &most) < 0 ||
	    most.rlim_cur == RLIM_INFINITY ||
	    (uint64_t)bytes <= most.rlim_cur ? bytes : (int64_t)most.rlim_cur;
}

static int
look(int fd, int64_t *room, int64_t *has, struct v2m_err *err)
{
	struct statvfs v;
	struct stat st;

	if (fstatvfs(fd, &v) < 0 || fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot look at a disk");
	*room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	*has = (int64_t)st.st_blocks * 512;
	return 0;
}

/* First allocate a piece, then look how much is left: so of two processes at
 * the same time, each sees what the other has allocated.  Each may go below the
 * reserve by one piece at most, until it finds out and gives the file up. */
static int64_t
piece_of(int64_t bytes, int64_t reserve)
{
	int64_t part = reserve / RESERVE_PART;

	if (reserve <= 0)
		return bytes;
	return part > LEAST_PIECE ? part : LEAST_PIECE;
}

/* *e: the error; 0: there was none, or the reserve was reached. */
static int
allocate(int fd, int mode, int64_t bytes, int64_t reserve, int *e,
    int64_t *room, int64_t *has, struct v2m_err *err)
{
	int64_t piece = piece_of(bytes, reserve), at, n;

	*e = 0;
	for (at = 0; at < bytes && *e == 0 && *room >= reserve; at += n) {
		n = bytes - at < piece ? bytes - at : piece;
		if (fallocate(fd, mode, at, n) < 0)
			*e = errno;
		if (look(fd, room, has, err) < 0)
			return -1;
	}
	return 0;
}

static int
hold(int fd, int mode, int64_t bytes, int64_t reserve, struct v2m_err *err)
{
	int64_t had, has, room, need;
	int e;

	bytes = allowed(bytes);
	if (look(fd, &room, &had, err) < 0)
		return -1;
	need = bytes - had > 0 ? bytes - had : 0;
	if (room - reserve < need)
		return no_room(room, need, reserve, err);
	has = had;
	if (allocate(fd, mode, bytes, reserve, &e, &room, &has, err) < 0)
		return -1;
	if (e == 0 && room >= reserve)
		return 0;
	/* If the file system cannot allocate, the space may be free. */
	if (e != 0 && e != ENOSPC && e != EDQUOT && e != EFBIG &&
	    room - reserve >= need)
		return 0;
	return no_room(room + has - had, need, reserve, err);
}

int
v2m_hold_file(int fd, int64_t bytes, int64_t reserve, struct v2m_err *err)
{
	return hold(fd, FALLOC_FL_KEEP_SIZE, bytes, reserve, err);
}

int
v2m_hold_room(int fd, int64_t bytes, int64_t reserve, struct v2m_err *err)
{
	return hold(fd, 0, bytes, reserve, err);
}

void
v2m_hold_shrink(int fd, int64_t bytes)
{
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > bytes &&
	    ftruncate(fd, bytes) < 0)
		return;		/* then it is kept a little longer */
}

int
v2m_hold_ahead(int fd, int64_t have, int64_t *held, int64_t reserve,
    struct v2m_err *err)
{
	if (have <= *held)
		return 0;
	*held = have + have / AHEAD_PART + AHEAD;
	return v2m_hold_file(fd, *held, reserve, err);
}

void
v2m_hold_end(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && ftruncate(fd, st.st_size) < 0)
		return;		/* then it is kept as long as the file */
}

int64_t
v2m_hold_reserve(int fd, int64_t reserve)
{
	struct statvfs v;
	int64_t part;

	if (fstatvfs(fd, &v) < 0)
		return reserve;
	part = (int64_t)v.f_blocks * (int64_t)v.f_frsize / TEMPORARY_PART;
	return part < reserve ? part : reserve;
}
