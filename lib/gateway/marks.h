/* marks.h - the uploads that this gateway makes jobs of, marked so that other
 * gateways of the store see it, for as long as that takes.  A thread renews the
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

/* One upload's mark, kept by who set it. */
struct v2m_mark {
	struct v2m_mark *next, **at;
	const char *id;			/* borrowed */
};

/* 1, and the mark is renewed until it is removed; 0 another gateway has one
 * there; -1. */
int v2m_marks_set(struct v2m_marks *m, struct v2m_services *s,
    struct v2m_mark *mark, struct v2m_err *err);

/* Where this cannot be done in the store, it runs out. */
void v2m_marks_remove(struct v2m_marks *m, struct v2m_mark *mark);

/* Is it another gateway that makes a job of it?  1, 0, -1. */
int v2m_marks_are_others(struct v2m_marks *m, struct v2m_services *s,
    const char *id, struct v2m_err *err);

#endif
