/* login_queue.h - logins, a few at a time.
 *
 * Each costs a yescrypt computation: 13 ms of a core and 16 MiB.  So they run
 * in threads of their own, as many as login_concurrency says, at a lower
 * priority than all else the process does; a bounded number waits; and who
 * comes beyond that is sent away at once.  Thread-safe.
 */
#ifndef V2M_AUTH_LOGIN_QUEUE_H
#define V2M_AUTH_LOGIN_QUEUE_H

#include <stdbool.h>

#include "auth/session.h"

#define V2M_LOGIN_WAITING 64

struct v2m_login_queue;

/* Start login_concurrency threads, half as many as there are cores where that
 * is 0.  conf is borrowed.  NULL: V2M_TEMP. */
struct v2m_login_queue *v2m_login_queue_start(const struct v2m_conf *conf,
    struct v2m_err *err);

/* Nobody may be in v2m_login_queue_ask() any more.  NULL is fine. */
void v2m_login_queue_stop(struct v2m_login_queue *q);

/* v2m_session_login() in one of the threads, or, with a new password, not NULL,
 * v2m_session_passwd().  *full: it was not tried, too many are waiting
 * (V2M_TEMP). */
char *v2m_login_queue_ask(struct v2m_login_queue *q, const char *email,
    const char *password, const char *new_password,
    struct v2m_claims *claims, bool *full, struct v2m_err *err);

#endif
