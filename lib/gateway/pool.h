/* pool.h - connections to store and queue, shared by all requests.
 *
 * Each is one thread's while it is taken.  It is taken for one operation or
 * one piece of an upload, never for a whole transfer, so that a slow client
 * holds none.  Thread-safe.
 */
#ifndef V2M_GATEWAY_POOL_H
#define V2M_GATEWAY_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "flow/services.h"

struct v2m_pool;

/* At most so many; none is opened yet.  conf is borrowed.  NULL: V2M_TEMP. */
struct v2m_pool *v2m_pool_open(const struct v2m_conf *conf, int most,
    struct v2m_err *err);

/* All must have been given back.  NULL is fine. */
void v2m_pool_close(struct v2m_pool *pool);

/* For whom this thread takes them from now on: an account, an address.  Whose
 * like have fewest is next, so that nobody waits for the many of another. */
void v2m_pool_ask_for(const char *name);

/* What is done with one: 0, or -1 with *err. */
typedef int v2m_pool_work(struct v2m_services *s, void *arg,
    struct v2m_err *err);

/* Take one, opened if need be, call work(), and give it back, closed where by
 * the error a service was away; so no refusal, of which all services knew,
 * costs a connection.  Where all are taken, wait; those of one asker in the
 * order of calls: until none was given back for 10 s, and for 2 min at most.
 * What work() returns; or -1 without having called it: V2M_TEMP, or why none
 * could be opened. */
int v2m_pool_use(struct v2m_pool *pool, v2m_pool_work *work, void *arg,
    struct v2m_err *err);

struct v2m_pool_count {
	int taken, open;	/* right now */
	uint64_t opened;	/* so far */
};

void v2m_pool_count(struct v2m_pool *pool, struct v2m_pool_count *count);

#endif
