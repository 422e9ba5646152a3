#include "base/db_turns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/id.h"

#define PLACES 1023
#define LOCK_MS 10	/* between two looks at SQLite's lock */

/* Tickets grow, and wrap around; 0 means no ticket. */
struct place {
	_Atomic uint32_t ticket;
	_Atomic uint32_t passed;	/* the ticket that was passed over */
	_Atomic uint32_t bell;
	uint32_t unused;
};

struct shared {
	_Atomic uint32_t last;		/* the last ticket given out */
	_Atomic uint32_t ended;		/* counts turns that have ended */
	_Atomic uint32_t moved;		/* counts any change */
	uint32_t unused;
	struct place places[PLACES];
};

/* The place is locked as long as its process lives. */
struct v2m_db_turns {
	int fd;
	struct shared *shared;
	struct place *mine;
	uint32_t ticket;	/* 0: it neither waits nor writes */
	uint32_t bell, ended;	/* the values last read */
	int stall_ms, patience_ms, waited_ms;
};

/* --- the file and its places --- */

static int
lock_place(int fd, int command, size_t at, struct flock *l)
{
	*l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = (off_t)at, .l_len = 1 };
	return fcntl(fd, command, l);
}

static bool
is_dead(const struct v2m_db_turns *t, size_t at)
{
	struct flock l;

	return lock_place(t->fd, F_OFD_GETLK, at, &l) == 0 &&
	    l.l_type == F_UNLCK;
}

/* The file is allocated before it is mapped: otherwise, on a full disk, an
 * access would kill us by SIGBUS. */
static struct shared *
map_file(int fd, const struct stat *db)
{
	struct shared *shared;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	if (st.st_uid != db->st_uid)
		(void)!fchown(fd, db->st_uid, db->st_gid);
	if ((st.st_size < (off_t)sizeof *shared ||
	    st.st_blocks * 512 < (off_t)sizeof *shared) &&
	    fallocate(fd, 0, 0, sizeof *shared) < 0)
		return NULL;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	return shared == MAP_FAILED ? NULL : shared;
}

/* Lock a free place.  A ticket in it is that of a process that died. */
static struct place *
find_place(int fd, struct shared *shared)
{
	struct flock l;
	uint32_t first;
	size_t i;

	v2m_random(&first, sizeof first);
	for (i = 0; i < PLACES; i++) {
		size_t at = (first + i) % PLACES;

		if (lock_place(fd, F_OFD_SETLK, at, &l) == 0) {
			atomic_store(&shared->places[at].ticket, 0);
			return &shared->places[at];
		}
		if (errno != EAGAIN && errno != EACCES)
			break;
	}
	return NULL;
}

struct v2m_db_turns *
v2m_db_turns_open(const char *path, int stall_ms, int patience_ms)
{
	struct v2m_db_turns *t = calloc(1, sizeof *t);
	char name[4096 + 8];
	struct stat db;

	if (t == NULL)
		return NULL;
	t->fd = -1;
	t->stall_ms = stall_ms;
	t->patience_ms = patience_ms;
	if (stat(path, &db) < 0)
		goto fail;
	snprintf(name, sizeof name, "%s-turns", path);
	t->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK, db.st_mode & 0666);
	if (t->fd < 0)
		goto fail;
	t->shared = map_file(t->fd, &db);
	if (t->shared != NULL)
		t->mine = find_place(t->fd, t->shared);
	if (t->mine != NULL)
		return t;
fail:
	v2m_db_turns_close(t);
	return NULL;
}

void
v2m_db_turns_close(struct v2m_db_turns *t)
{
	if (t == NULL)
		return;
	v2m_db_turn_end(t);
	if (t->shared != NULL)
		munmap(t->shared, sizeof *t->shared);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

/* --- the queue --- */

static bool
is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* The place that has the turn; NULL: nobody waits or writes.  Places that were
 * passed over do not count. */
static struct place *
find_first(const struct v2m_db_turns *t, uint32_t *ticket)
{
	struct place *first = NULL, *p;

	for (p = t->shared->places; p < t->shared->places + PLACES; p++) {
		uint32_t theirs = atomic_load(&p->ticket);

		if (theirs == 0 || theirs == atomic_load(&p->passed) ||
		    (first != NULL && !is_before(theirs, *ticket)))
			continue;
		first = p;
		*ticket = theirs;
	}
	return first;
}

static void
wake_first(const struct v2m_db_turns *t)
{
	uint32_t ticket;
	struct place *first = find_first(t, &ticket);

	if (first == NULL || first == t->mine)
		return;
	atomic_fetch_add(&first->bell, 1);
	syscall(SYS_futex, &first->bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static bool
is_patient(const struct v2m_db_turns *t)
{
	return t->waited_ms < t->patience_ms;
}

/* Sleep for ms, or until our bell is rung, or not at all if it was rung since
 * t->bell was read.  true: it was not rung. */
static bool
sleep_until_rung(struct v2m_db_turns *t, int ms)
{
	struct timespec most = { ms / 1000, ms % 1000 * 1000000L };
	bool timed_out = syscall(SYS_futex, &t->mine->bell, FUTEX_WAIT,
	    t->bell, &most, NULL, 0) < 0 && errno == ETIMEDOUT;
	uint32_t ended = atomic_load(&t->shared->ended);

	if (ended != t->ended)
		t->waited_ms = 0;
	else if (timed_out)
		t->waited_ms += ms;
	t->ended = ended;
	return timed_out;
}

/* Remove the tickets of dead processes.  true: there were some. */
static bool
clear_dead(struct v2m_db_turns *t)
{
	bool any = false;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		struct place *p = &t->shared->places[i];
		uint32_t ticket = atomic_load(&p->ticket);

		if (ticket != 0 && p != t->mine && is_dead(t, i))
			any |= atomic_compare_exchange_strong(&p->ticket,
			    &ticket, 0);
	}
	return any;
}

/* If nothing has moved since `moved` was read, remove what blocks the queue.
 * Of several processes that notice it, one does it. */
static void
unblock(struct v2m_db_turns *t, uint32_t moved)
{
	struct place *first;
	uint32_t ticket;

	if (!atomic_compare_exchange_strong(&t->shared->moved, &moved,
	    moved + 1))
		return;
	if (!clear_dead(t)) {
		first = find_first(t, &ticket);
		if (first != NULL && first != t->mine)
			atomic_store(&first->passed, ticket);
	}
	wake_first(t);
}

static bool
is_ours(struct v2m_db_turns *t)
{
	uint32_t ticket;

	/* We may have been passed over because we were stopped, but we run. */
	if (atomic_load(&t->mine->passed) == t->ticket)
		atomic_store(&t->mine->passed, 0);
	return find_first(t, &ticket) == t->mine;
}

static uint32_t
draw_ticket(struct shared *shared)
{
	uint32_t ticket;

	do
		ticket = atomic_fetch_add(&shared->last, 1) + 1;
	while (ticket == 0);
	return ticket;
}

void
v2m_db_turn_take(struct v2m_db_turns *t)
{
	struct shared *shared = t->shared;
	uint32_t moved;

	t->waited_ms = 0;
	t->ended = atomic_load(&shared->ended);
	t->ticket = draw_ticket(shared);
	atomic_store(&t->mine->ticket, t->ticket);
	for (;;) {
		t->bell = atomic_load(&t->mine->bell);
		moved = atomic_load(&shared->moved);
		if (is_ours(t) || !is_patient(t))
			break;
		if (sleep_until_rung(t, t->stall_ms))
			unblock(t, moved);
	}
	atomic_fetch_add(&shared->moved, 1);
}

bool
v2m_db_turn_wait(struct v2m_db_turns *t)
{
	if (!is_patient(t))
		return false;
	atomic_fetch_add(&t->shared->moved, 1);
	sleep_until_rung(t, LOCK_MS);
	t->bell = atomic_load(&t->mine->bell);
	return true;
}

void
v2m_db_turn_end(struct v2m_db_turns *t)
{
	if (t == NULL || t->ticket == 0)
		return;
	t->ticket = 0;
	atomic_store(&t->mine->ticket, 0);
	/* If we gave up, this does not count as a turn that has ended: the
	 * others must be able to give up, too. */
	atomic_fetch_add(&t->shared->ended, is_patient(t));
	atomic_fetch_add(&t->shared->moved, 1);
	wake_first(t);
}

int
v2m_db_turns_count(const struct v2m_db_turns *t)
{
	int i, n = 0;

	for (i = 0; i < PLACES; i++)
		n += atomic_load(&t->shared->places[i].ticket) != 0;
	return n;
}
