/* login_queue.h - runs logins, a few at a time.
 *
 * Each needs a yescrypt computation: 13 ms of a core and 16 MiB.  So they run
 * in threads of their own, as many as login_concurrency says, with a lower
 * priority than the rest of the process.  A limited number may wait; any more
 * are refused at once.  Thread-safe.
 */
#ifndef V2M_AUTH_LOGIN_QUEUE_H
#define V2M_AUTH_LOGIN_QUEUE_H

#include <stdbool.h>

#include "auth/session.h"

#define V2M_LOGIN_WAITING 64

struct v2m_login_queue;

/* Start login_concurrency threads; if that is 0, half as many as there are
 * cores.  conf is borrowed; permit is that of v2m_session_passwd().  NULL:
 * V2M_TEMP. */
struct v2m_login_queue *v2m_login_queue_start(const struct v2m_conf *conf,
    v2m_session_permit *permit, struct v2m_err *err);

/* No thread may be in v2m_login_queue_ask() any more.  NULL is fine. */
void v2m_login_queue_stop(struct v2m_login_queue *q);

/* Call v2m_session_login() in one of the threads, or, if new_password is not
 * NULL, v2m_session_passwd().  *full: it was not called, as too many are
 * waiting (V2M_TEMP). */
char *v2m_login_queue_ask(struct v2m_login_queue *q, const char *email,
    const char *password, const char *new_password,
    struct v2m_claims *claims, bool *full, struct v2m_err *err);

#endif
