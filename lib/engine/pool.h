/* pool.h - the threads of a job, made before it looks at any input.
 *
 * They do steps of one piece of work, which the thread that made them gives
 * them, and share one lock with it.  With one thread asked for there are
 * none: whoever waits for a step does it (pool_help).  How many of them work
 * may change at any time.
 */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include <pthread.h>
#include <stdbool.h>

#define POOL_MOST 256

/* Called with the lock held, which it may let go and take again.  false:
 * there was nothing to do. */
typedef bool pool_step(void *arg);

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;	/* there may be something to do */
	pthread_cond_t done;	/* something has been done */
	pthread_cond_t share;	/* more of them may work */
	pool_step *step;
	void *arg;
	int busy;		/* threads that are at a step */
	int active;		/* so many work, those made first */
	bool stop;
	int n, begun;
	pthread_t threads[POOL_MOST];
};

/* Make the threads: none for one; where the system gives fewer, fewer. */
void pool_open(struct pool *p, int threads);
void pool_close(struct pool *p);

/* So many, at least one and at most all, shall work from now on. */
void pool_share(struct pool *p, int threads);

/* With the lock held: what there is to do from now on; NULL: nothing, and
 * nobody is at it any more when this returns. */
void pool_give(struct pool *p, pool_step *step, void *arg);

/* With the lock held: do a step, or wait until somebody has done one. */
void pool_help(struct pool *p);

#endif
