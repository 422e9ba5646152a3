/* moved.h - moving the jobs of one store to another.
 *
 * A document, the mark, has the state of the move.  Every writer reads it
 * before a write, and may rely for V2M_MOVED_BELIEVED_MS on there being none.
 * So when V2M_MOVED_WAIT_MS have passed since a mark was set, a writer that
 * does not know of it has read its record before; as the mover then changes the
 * record's revision, that writer's change fails.
 *
 * Three kinds of write are not checked again afterwards (with
 * v2m_moved_check_late()), as nothing is lost if they come after the mover: the
 * bytes of a partial upload, which is not moved, and whose end changes its
 * record; forgetting a record of which nothing is stored, which the new store
 * does too; and removing bytes that no record names.
 *
 * Common errors: those of store.h.
 */
#ifndef V2M_STORE_MOVED_H
#define V2M_STORE_MOVED_H

#include "store/store.h"

#define V2M_MOVED_BELIEVED_MS 500
#define V2M_MOVED_WAIT_MS 1000

enum v2m_moved_state {
	V2M_MOVED_NOT,
	/* In the new store. */
	V2M_MOVED_BEGUN,	/* it may still have jobs of its own */
	V2M_MOVED_CANCELLED,	/* filling was given up for now */
	V2M_MOVED_FILLING,	/* incomplete: only the mover writes */
	V2M_MOVED_HERE,		/* complete, and in use */
	/* In the old store. */
	V2M_MOVED_CLOSING,	/* nothing new begins; running jobs end */
	V2M_MOVED_CLOSED,	/* every write is refused */
	V2M_MOVED_AWAY,		/* the same, and the move is complete */
};

struct v2m_moved {
	enum v2m_moved_state state;
	char other[512];	/* URL of the other store, no password */
};

/* Read the mark.  If there is none, the state is V2M_MOVED_NOT. */
int v2m_moved_get(struct v2m_store *s, struct v2m_moved *m,
    struct v2m_err *err);

/* Is the new store incomplete?  Then something that is missing may still
 * come. */
bool v2m_moved_is_filling(const struct v2m_moved *m);

/* Do its jobs move to another store, or have they?  Then it is only read. */
bool v2m_moved_is_left(const struct v2m_moved *m);

/* Change the mark from the state `from` to m; V2M_MOVED_NOT: remove it.
 * V2M_TEMP: it has another state, as another mover is at work. */
int v2m_moved_set(struct v2m_store *s, enum v2m_moved_state from,
    const struct v2m_moved *m, struct v2m_err *err);

/* This process is the mover: writes to s, the old store, ignore the mark. */
void v2m_moved_ignore(struct v2m_store *s);

/* The same for the new store, until another mover takes it: then this one's
 * writes fail with V2M_TEMP.  Waits until an earlier mover has noticed. */
int v2m_moved_take(struct v2m_store *s, struct v2m_err *err);

/* The mover has ended, and the next one need not wait. */
void v2m_moved_leave(struct v2m_store *s);

enum v2m_moved_write {
	V2M_WRITE_NEW,		/* something new begins */
	V2M_WRITE_ON,		/* something goes on or ends */
};

/* May such a write be done?  -1: V2M_TEMP, "this v2m has moved to ...". */
int v2m_moved_refuse(const struct v2m_moved *m, enum v2m_moved_write write,
    struct v2m_err *err);

/* The same, for the mark that s has now. */
int v2m_moved_check(struct v2m_store *s, enum v2m_moved_write write,
    struct v2m_err *err);

/* Do the jobs move away, or are they not all here yet?  *err says where. */
bool v2m_moved_is_elsewhere(struct v2m_store *s, struct v2m_err *err);

/* Make the next check read the mark again. */
void v2m_moved_doubt(struct v2m_store *s);

/* To be called after a write that began, with a check, at `begun`
 * (v2m_boot_ms()).  If it took too long, the mover may have missed it:
 * V2M_TEMP, unless it is certain that it has not. */
int v2m_moved_check_late(struct v2m_store *s, int64_t begun,
    struct v2m_err *err);

/* v2m_moved_check() for accounts, which are not in a store but move with it;
 * and v2m_moved_check_late(), unless `begun` is 0.  If the store does not
 * answer, accounts may be changed, with a warning. */
int v2m_moved_check_accounts(const struct v2m_conf *conf, int64_t begun,
    struct v2m_err *err);

#endif
