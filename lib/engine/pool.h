/* pool.h - the worker threads of a job, created before any input is read.
 *
 * They do steps of one piece of work, which the thread that created them gives
 * them, and share one lock with it.  For one thread none is created: the caller
 * then does a step itself when it has to wait (pool_help()).  How many of them
 * work may change at any time.
 */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include <pthread.h>
#include <stdbool.h>

#define POOL_MOST 256

/* Does a step.  Called with the lock held, which it may release and take again.
 * false: there was nothing to do. */
typedef bool pool_step(void *arg);

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;	/* signalled when there may be a step to do */
	pthread_cond_t done;	/* signalled when a step was done */
	pthread_cond_t share;	/* signalled when more threads may work */
	pool_step *step;
	void *arg;
	int busy;		/* threads that do a step */
	int active;		/* how many threads may work, those created
				 * first */
	bool stop;
	int n, begun;
	pthread_t threads[POOL_MOST];
};

/* Create the threads: none for one, and fewer if the system refuses. */
void pool_open(struct pool *p, int threads);
void pool_close(struct pool *p);

/* Let this many threads work from now on: at least one, at most all. */
void pool_share(struct pool *p, int threads);

/* With the lock held: give the threads steps to do; NULL: none.  Waits until no
 * thread does a step of the work given before. */
void pool_give(struct pool *p, pool_step *step, void *arg);

/* With the lock held: wait until a thread has done a step; without threads, do
 * one. */
void pool_help(struct pool *p);

#endif
