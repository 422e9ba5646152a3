/* pool.h - connections to store and queue, shared by all requests.
 *
 * A connection is used by one thread at a time, for one operation or one piece
 * of an upload, and never for a whole transfer: so a slow client holds none.
 * Thread-safe.
 */
#ifndef V2M_GATEWAY_POOL_H
#define V2M_GATEWAY_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "flow/services.h"

struct v2m_pool;

/* A pool of at most `most`; none is opened yet.  conf is borrowed.  NULL:
 * V2M_TEMP. */
struct v2m_pool *v2m_pool_open(const struct v2m_conf *conf, int most,
    struct v2m_err *err);

/* All connections must have been given back.  NULL is fine. */
void v2m_pool_close(struct v2m_pool *pool);

/* Set for whom this thread takes connections from now on: an account or an
 * address, called the asker.  If several wait, the asker with the fewest
 * connections is next, so that nobody waits for the many of another. */
void v2m_pool_ask_for(const char *name);

/* The work that is done with a connection: 0, or -1 with *err. */
typedef int v2m_pool_work(struct v2m_services *s, void *arg,
    struct v2m_err *err);

/* Take a connection, or open one, call work(), and give it back.  It is closed
 * if the error says that a service was away; after a refusal it is kept.  If
 * all are taken, wait, until none was given back for 10 s, and for 2 min at
 * most; the calls of one asker are served in their order.  Returns what work()
 * returns; or -1 without calling it: V2M_TEMP, or why none could be opened. */
int v2m_pool_use(struct v2m_pool *pool, v2m_pool_work *work, void *arg,
    struct v2m_err *err);

struct v2m_pool_count {
	int taken, open;	/* right now */
	uint64_t opened;	/* so far */
};

void v2m_pool_count(struct v2m_pool *pool, struct v2m_pool_count *count);

#endif
