#include "gateway/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* A waiting request gives up when no connection was given back for this long:
 * then the store hangs.  If the store is only slow, it goes on waiting. */
#define STUCK_MS 10000
#define WAIT_MS 120000
/* After a longer pause, a broker or firewall may have dropped a connection. */
#define IDLE_MS 30000

struct member {
	struct v2m_services services;
	struct member *next;		/* list of idle ones, last used first */
	int64_t given_ms;
};

/* A waiter, on the stack of its thread.  They are served in order of arrival:
 * otherwise a request that takes a connection for each of many pieces would be
 * overtaken again and again. */
struct waiter {
	struct waiter *next;
	uint64_t asker;
	pthread_cond_t called;
	bool granted;
	struct member *member;		/* NULL: one may be opened */
};

struct v2m_pool {
	const struct v2m_conf *conf;
	pthread_mutex_t lock;
	struct waiter *first, **last;
	struct member *idle;
	uint64_t *askers;	/* of the taken connections, in no order */
	int64_t moved_ms;	/* when one was last taken */
	int taken, open, most;	/* open includes what is being opened */
	uint64_t opened;
};

struct v2m_pool *
v2m_pool_open(const struct v2m_conf *conf, int most, struct v2m_err *err)
{
	struct v2m_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	pool->conf = conf;
	pool->most = most;
	pool->askers = calloc((size_t)most, sizeof *pool->askers);
	if (pool->askers == NULL) {
		free(pool);
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	pool->last = &pool->first;
	pthread_mutex_init(&pool->lock, NULL);
	return pool;
}

static void
close_list(struct member *m)
{
	struct member *next;

	for (; m != NULL; m = next) {
		next = m->next;
		v2m_services_close(&m->services);
		free(m);
	}
}

void
v2m_pool_close(struct v2m_pool *pool)
{
	if (pool == NULL)
		return;
	close_list(pool->idle);
	pthread_mutex_destroy(&pool->lock);
	free(pool->askers);
	free(pool);
}

/* --- askers --- */

static _Thread_local uint64_t this_asker;

void
v2m_pool_ask_for(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);	/* FNV-1a */

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) *
		    UINT64_C(1099511628211);
	this_asker = hash;
}

/* Locked. */
static int
count_taken(const struct v2m_pool *pool, uint64_t asker)
{
	int i, n = 0;

	for (i = 0; i < pool->taken; i++)
		n += pool->askers[i] == asker;
	return n;
}

/* The asker has given a connection back.  Locked. */
static void
untake(struct v2m_pool *pool, uint64_t asker)
{
	int i = 0;

	while (pool->askers[i] != asker)
		i++;
	pool->askers[i] = pool->askers[--pool->taken];
}

/* Take from the end of the list those that were idle for too long.  Locked. */
static struct member *
cut_stale(struct v2m_pool *pool)
{
	int64_t now = v2m_mono_ms();
	struct member **at, *stale, *m;

	for (at = &pool->idle; *at != NULL; at = &(*at)->next)
		if (now - (*at)->given_ms > IDLE_MS)
			break;
	stale = *at;
	*at = NULL;
	for (m = stale; m != NULL; m = m->next)
		pool->open--;
	return stale;
}

/* Take an idle one, or the right to open one.  Locked.  false: all are
 * taken. */
static bool
take_free(struct v2m_pool *pool, uint64_t asker, struct member **m)
{
	*m = pool->idle;
	if (*m != NULL)
		pool->idle = (*m)->next;
	else if (pool->open < pool->most)
		pool->open++;
	else
		return false;
	pool->opened += *m == NULL;
	pool->askers[pool->taken++] = asker;
	pool->moved_ms = v2m_mono_ms();
	return true;
}

/* The longest waiter, of the askers with the fewest members.  Locked. */
static struct waiter **
whose_turn(struct v2m_pool *pool)
{
	struct waiter **at, **best = NULL;
	int n, fewest = 0;

	for (at = &pool->first; *at != NULL; at = &(*at)->next) {
		n = count_taken(pool, (*at)->asker);
		if (best == NULL || n < fewest) {
			best = at;
			fewest = n;
		}
		if (fewest == 0)
			break;
	}
	return best;
}

static void
step_out(struct v2m_pool *pool, struct waiter **at)
{
	struct waiter *w = *at;

	*at = w->next;
	if (pool->last == &w->next)
		pool->last = at;
}

/* Locked. */
static void
grant(struct v2m_pool *pool)
{
	struct waiter **at, *w;

	while ((at = whose_turn(pool)) != NULL &&
	    take_free(pool, (*at)->asker, &(*at)->member)) {
		w = *at;
		step_out(pool, at);
		w->granted = true;
		pthread_cond_signal(&w->called);
	}
}

static void
step_in(struct v2m_pool *pool, struct waiter *w)
{
	*pool->last = w;
	pool->last = &w->next;
}

static void
leave(struct v2m_pool *pool, struct waiter *w)
{
	struct waiter **at = &pool->first;

	while (*at != w)
		at = &(*at)->next;
	step_out(pool, at);
}

/* When to give up, for a request that waits since since_ms.  Locked. */
static int64_t
patience(const struct v2m_pool *pool, int64_t since_ms)
{
	int64_t stuck = (pool->moved_ms > since_ms ? pool->moved_ms :
	    since_ms) + STUCK_MS;

	return stuck < since_ms + WAIT_MS ? stuck : since_ms + WAIT_MS;
}

/* Wait for a connection.  Locked.  false: it took too long. */
static bool
wait_for_one(struct v2m_pool *pool, struct member **m)
{
	struct waiter w = { .asker = this_asker };
	int64_t since = v2m_mono_ms(), until;
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w.called, &attr);
	pthread_condattr_destroy(&attr);
	step_in(pool, &w);
	while (!w.granted && v2m_mono_ms() <
	    (until = patience(pool, since))) {
		struct timespec at = { .tv_sec = until / 1000,
		    .tv_nsec = until % 1000 * 1000000 };

		pthread_cond_timedwait(&w.called, &pool->lock, &at);
	}
	if (!w.granted)
		leave(pool, &w);
	pthread_cond_destroy(&w.called);
	*m = w.member;
	return w.granted;
}

static struct member *
open_one(struct v2m_pool *pool, struct v2m_err *err)
{
	struct member *m = calloc(1, sizeof *m);

	if (m == NULL)
		v2m_err_set(err, V2M_TEMP, "out of memory");
	else if (v2m_services_open(&m->services, pool->conf, true, err) == 0)
		return m;
	free(m);
	pthread_mutex_lock(&pool->lock);
	pool->open--;
	untake(pool, this_asker);
	grant(pool);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static struct member *
take_member(struct v2m_pool *pool, struct v2m_err *err)
{
	struct member *m = NULL, *stale;
	bool in_time;

	pthread_mutex_lock(&pool->lock);
	stale = cut_stale(pool);
	in_time = (pool->first == NULL && take_free(pool, this_asker, &m)) ||
	    wait_for_one(pool, &m);
	pthread_mutex_unlock(&pool->lock);
	close_list(stale);
	if (!in_time) {
		v2m_err_set(err, V2M_TEMP, "all connections to the store are "
		    "busy (gateway_connections)");
		return NULL;
	}
	return m == NULL ? open_one(pool, err) : m;
}

static void
give_member(struct v2m_pool *pool, struct member *m, bool broken)
{
	struct member *stale;

	if (broken)
		v2m_services_close(&m->services);
	pthread_mutex_lock(&pool->lock);
	stale = cut_stale(pool);
	untake(pool, this_asker);
	if (broken) {
		pool->open--;
	} else {
		m->given_ms = v2m_mono_ms();
		m->next = pool->idle;
		pool->idle = m;
	}
	grant(pool);
	pthread_mutex_unlock(&pool->lock);
	close_list(stale);
	if (broken)
		free(m);
}

/* Did the services fail, and not only refuse?  Then the connection may be
 * broken, or belong to a state that does not exist any more. */
static bool
is_broken(const struct v2m_err *err)
{
	switch (err->code) {
	case V2M_TEMP:
		return !v2m_err_is_busy(err);
	case V2M_IO:
		return !v2m_err_is_damage(err);
	case V2M_DENIED:
		return v2m_err_is_access(err);
	case V2M_UNAVAILABLE:
	case V2M_CONFIG:
	case V2M_BUG:
		return true;
	default:
		return false;
	}
}

int
v2m_pool_use(struct v2m_pool *pool, v2m_pool_work *work, void *arg,
    struct v2m_err *err)
{
	struct member *m = take_member(pool, err);
	int ret;

	if (m == NULL)
		return -1;
	ret = work(&m->services, arg, err);
	give_member(pool, m, ret < 0 && is_broken(err));
	return ret;
}

void
v2m_pool_count(struct v2m_pool *pool, struct v2m_pool_count *count)
{
	pthread_mutex_lock(&pool->lock);
	count->taken = pool->taken;
	count->open = pool->open;
	count->opened = pool->opened;
	pthread_mutex_unlock(&pool->lock);
}
