/* await.h - waiting until a job's MP3 is there. */
#ifndef V2M_CLIENT_AWAIT_H
#define V2M_CLIENT_AWAIT_H

#include "base/err.h"
#include "client/client.h"
#include "store/record.h"

/* Read the record of an ID; called for each check.  *asked: when a worker last
 * asked for work (wall ms); unchanged if that is not known. */
typedef int v2m_await_look(void *arg, const char *id, struct v2m_record *r,
    int64_t *asked, struct v2m_err *err);

/* Call look every poll_ms until the job is done, for at most f->wait_ms (0:
 * once; -1: without limit), and f->waiting after each call.  0: *r is the
 * record of the job, which is done.  V2M_FAILED: it failed, with the reason;
 * V2M_NOINPUT: it was removed; V2M_TEMP: not within wait_ms, or a signal; or an
 * error of look. */
int v2m_await(v2m_await_look *look, void *arg, const char *id,
    const struct v2m_fetch *f, int poll_ms, struct v2m_record *r,
    struct v2m_err *err);

#endif
