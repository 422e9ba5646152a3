/* pool.h - connections to store and queue, shared by all requests.
 *
 * Each is one thread's while it is taken.  It is taken for one operation or
 * one piece of an upload, never for a whole transfer, so that a slow client
 * holds none.  Thread-safe.
 */
#ifndef V2M_GATEWAY_POOL_H
#define V2M_GATEWAY_POOL_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "flow/services.h"

struct v2m_pool;

/* At most gateway_connections; none is opened yet.  conf is borrowed.  NULL:
 * V2M_TEMP. */
struct v2m_pool *v2m_pool_open(const struct v2m_conf *conf,
    struct v2m_err *err);

/* All must have been given back.  NULL is fine. */
void v2m_pool_close(struct v2m_pool *pool);

/* Take one, opened if need be.  Where all are taken, wait in the order of
 * calls: until none was given back for 10 s, and for 2 min at most.  NULL:
 * V2M_TEMP, or why none could be opened. */
struct v2m_services *v2m_pool_take(struct v2m_pool *pool,
    struct v2m_err *err);

/* Give it back; broken: do not use it again.  s NULL is fine. */
void v2m_pool_give(struct v2m_pool *pool, struct v2m_services *s,
    bool broken);

/* Close those that nobody used for a while. */
void v2m_pool_tidy(struct v2m_pool *pool);

/* How many are taken, and open, right now. */
void v2m_pool_count(struct v2m_pool *pool, int *taken, int *open);

#endif
