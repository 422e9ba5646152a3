/* marks.h - marks the uploads that this gateway is finishing, so that other
 * gateways of the store see it (flow/upload_mark.h).  A thread renews the
 * marks; those of a gateway that died run out.  Thread-safe. */
#ifndef V2M_GATEWAY_MARKS_H
#define V2M_GATEWAY_MARKS_H

#include "flow/upload_mark.h"
#include "gateway/pool.h"

struct v2m_marks;

/* pool is borrowed.  NULL: V2M_TEMP. */
struct v2m_marks *v2m_marks_new(struct v2m_pool *pool, struct v2m_err *err);

/* NULL is fine. */
void v2m_marks_free(struct v2m_marks *m);

/* The mark of an upload; the memory is the caller's until it is removed. */
struct v2m_mark {
	struct v2m_mark *next, **at;
	const char *id;			/* borrowed */
};

/* 1: the mark is set, and renewed until it is removed; 0: another gateway has
 * marked this upload; -1. */
int v2m_marks_set(struct v2m_marks *m, struct v2m_services *s,
    struct v2m_mark *mark, struct v2m_err *err);

/* If the store does not answer, the mark runs out by itself. */
void v2m_marks_remove(struct v2m_marks *m, struct v2m_mark *mark);

/* Is another gateway finishing this upload?  1, 0, -1. */
int v2m_marks_are_others(struct v2m_marks *m, struct v2m_services *s,
    const char *id, struct v2m_err *err);

#endif
