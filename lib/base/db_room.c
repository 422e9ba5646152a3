#include "base/db_room.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* https://www.sqlite.org/walformat.html, 2.2 and 2.3: the index begins with two
 * copies of the header and the state of checkpoints.  Then come the bytes for
 * locks; the last one is locked by every connection while it is open
 * ("DMS"). */
#define HEADER 136
#define ALIVE 128

#define TRIES 100
#define PAUSE_MS 10

/* One for each database of this process.  Its descriptor is closed only when
 * SQLite has no descriptor of the file any more: closing one gives up the locks
 * of all (https://www.sqlite.org/howtocorrupt.html, 2.2). */
struct v2m_db_room {
	struct v2m_db_room *next;
	int users;
	int fd;		/* of the index; -1: none */
	dev_t dev;	/* of the database */
	ino_t ino;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct v2m_db_room *rooms;

static bool
try_lock(int fd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = ALIVE, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

/* Take the lock that a connection has.  *first: no other connection had it;
 * then the lock is exclusive, and open_index() makes it shared. */
static bool
lock_index(int fd, bool *first)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		*first = try_lock(fd, F_WRLCK);
		if (*first || try_lock(fd, F_RDLCK))
			return true;
		if (errno != EAGAIN && errno != EACCES)
			return false;
		poll(NULL, 0, PAUSE_MS);
	}
	return false;
}

static void
allocate(int fd)
{
	struct stat st;

	/* This adds zeros at the end, which for SQLite are neither a frame of
	 * the log nor a page of the index. */
	if (fstat(fd, &st) == 0 && (st.st_size < V2M_DB_ROOM ||
	    st.st_blocks * 512 < V2M_DB_ROOM))
		(void)!fallocate(fd, 0, 0, V2M_DB_ROOM);
}

static int
open_beside(const char *path, const char *suffix, int flags, mode_t mode)
{
	char name[4096 + 8];

	snprintf(name, sizeof name, "%s%s", path, suffix);
	return open(name, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, mode);
}

static int
open_index(const char *path, const struct stat *db)
{
	static const char zeros[HEADER];
	int fd = open_beside(path, "-shm", O_CREAT, db->st_mode & 0666);
	struct stat st;
	bool first;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid != db->st_uid)
		(void)!fchown(fd, db->st_uid, db->st_gid);
	if (!lock_index(fd, &first))
		return fd;
	/* If the header cannot be overwritten, let SQLite truncate the file. */
	if (first && st.st_size >= HEADER &&
	    pwrite(fd, zeros, HEADER, 0) != HEADER) {
		try_lock(fd, F_UNLCK);
		return fd;
	}
	allocate(fd);
	if (first)
		try_lock(fd, F_RDLCK);
	return fd;
}

static struct v2m_db_room *
find(const struct stat *db)
{
	struct v2m_db_room *room;

	for (room = rooms; room != NULL; room = room->next)
		if (room->dev == db->st_dev && room->ino == db->st_ino)
			break;
	return room;
}

struct v2m_db_room *
v2m_db_room_take(const char *path)
{
	struct v2m_db_room *room = NULL;
	struct stat db;

	if (stat(path, &db) < 0)
		return NULL;
	pthread_mutex_lock(&lock);
	room = find(&db);
	if (room == NULL && (room = calloc(1, sizeof *room)) != NULL) {
		room->dev = db.st_dev;
		room->ino = db.st_ino;
		room->fd = open_index(path, &db);
		room->next = rooms;
		rooms = room;
	}
	if (room != NULL)
		room->users++;
	pthread_mutex_unlock(&lock);
	return room;
}

static bool
flush_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";

	if (slash != NULL)
		snprintf(folder, sizeof folder, "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
	return v2m_io_sync_dir(folder, NULL) == 0;
}

void
v2m_db_room_log(const char *path)
{
	int fd = open_beside(path, "-wal", 0, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && (st.st_size >= V2M_DB_ROOM ||
	    flush_folder(path)))
		allocate(fd);
	close(fd);
}

bool
v2m_db_room_is_given(const char *log)
{
	struct stat st;

	return stat(log, &st) == 0 && st.st_size >= V2M_DB_ROOM;
}

void
v2m_db_room_release(struct v2m_db_room *room)
{
	struct v2m_db_room **at = &rooms;

	if (room == NULL)
		return;
	pthread_mutex_lock(&lock);
	if (--room->users == 0) {
		while (*at != room)
			at = &(*at)->next;
		*at = room->next;
		if (room->fd >= 0)
			close(room->fd);
		free(room);
	}
	pthread_mutex_unlock(&lock);
}
