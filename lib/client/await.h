/* await.h - waiting until a job's MP3 is there. */
#ifndef V2M_CLIENT_AWAIT_H
#define V2M_CLIENT_AWAIT_H

#include "base/err.h"
#include "client/client.h"
#include "store/record.h"

/* Read the record of an ID; called once for each look.  *asked: when a worker
 * last asked for work, or left alone where that is not known. */
typedef int v2m_await_look(void *arg, const char *id, struct v2m_record *r,
    int64_t *asked, struct v2m_err *err);

/* Call look until the job is done, every poll_ms, for at most f->wait_ms (0:
 * once, -1: without end); f->waiting is called after each look.  *r is then its
 * record.  V2M_FAILED: it failed, with the
 * reason; V2M_NOINPUT: it was removed; V2M_TEMP: not within wait_ms, or a
 * signal; or what look said. */
int v2m_await(v2m_await_look *look, void *arg, const char *id,
    const struct v2m_fetch *f, int poll_ms, struct v2m_record *r,
    struct v2m_err *err);

#endif
