/* admin.h - the routes below /admin, for administrators, by file, and what they
 * share.  v2m-gateway(8) describes their answers.
 *
 * Each begins with v2m_identity_admin().  Like other routes they take a
 * connection of the pool for one short piece of work at a time, and count in
 * the pool's order.
 */
#ifndef V2M_GATEWAY_ADMIN_H
#define V2M_GATEWAY_ADMIN_H

#include <pthread.h>

#include "gateway/pool.h"
#include "gateway/server.h"

#define V2M_ADMIN_LOOK 5000	/* records read for an answer, at most */

/* A page of a list: the items behind `after`; NULL: from the first. */
struct v2m_admin_page {
	const char *after;
	int64_t limit;
};

/* --- admin.c --- */

/* Check that an administrator asks, and read the parameters of a page of IDs.
 * false: answered. */
bool v2m_admin_page(struct v2m_rq *rq, struct v2m_admin_page *page);

/* The same for a list in which `after` is any text. */
bool v2m_admin_page_by_text(struct v2m_rq *rq, struct v2m_admin_page *page);

/* A parameter that must be 1 if it is there.  false: answered. */
bool v2m_admin_flag(struct v2m_rq *rq, const char *key, bool *set);

/* Answer 200 with the JSON, which is taken over, not to be cached. */
void v2m_admin_reply(struct v2m_rq *rq, json_t *json);

/* Do work that may take long: with connections of its own, so that no request
 * waits for one of the pool, and holding the lock, so that only one runs at a
 * time.  Returns what work() returns; -1 also if no connection can be opened,
 * or, with v2m_err_busy(), if another request has had the lock for wait_ms. */
int v2m_admin_apart(struct v2m_rq *rq, pthread_mutex_t *lock, int64_t wait_ms,
    v2m_pool_work *work, void *arg, struct v2m_err *err);

/* The same for a list, with the one lock of all lists. */
int v2m_admin_list(struct v2m_rq *rq, v2m_pool_work *work, void *arg,
    struct v2m_err *err);

/* v2m_fail() for v2m_admin_apart(): if another request has the lock, 503 with
 * Retry-After and the message busy, "another check is running". */
void v2m_admin_fail_apart(struct v2m_rq *rq, const char *busy,
    const struct v2m_err *err);

/* That message for v2m_admin_list(). */
#define V2M_ADMIN_LISTING "another list is being made for an administrator"

/* As v2m_fail(), but 409 if the state of the job does not allow it. */
void v2m_admin_fail(struct v2m_rq *rq, const struct v2m_err *err);

/* --- admin_jobs.c --- */
void v2m_admin_failures_get(struct v2m_rq *rq);
void v2m_admin_lost_get(struct v2m_rq *rq);
void v2m_admin_job_get(struct v2m_rq *rq);

/* --- admin_requeue.c --- */
void v2m_admin_requeue_post(struct v2m_rq *rq);
void v2m_admin_drop_post(struct v2m_rq *rq);

/* --- admin_notices.c --- */
void v2m_admin_notices_get(struct v2m_rq *rq);
void v2m_admin_tell_post(struct v2m_rq *rq);

/* --- admin_workers.c --- */
void v2m_admin_workers_get(struct v2m_rq *rq);

/* --- admin_users.c --- */
void v2m_admin_users_get(struct v2m_rq *rq);

/* --- admin_check.c --- */
void v2m_admin_check_get(struct v2m_rq *rq);

#endif
