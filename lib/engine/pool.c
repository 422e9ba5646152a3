#include "engine/pool.h"

#include <string.h>

/* LAME needs some 100 KiB of stack. */
#ifdef __SANITIZE_ADDRESS__
#define STACK (2048 * 1024)
#else
#define STACK (512 * 1024)
#endif

static void *
run_worker(void *arg)
{
	struct pool *p = arg;
	int self;

	pthread_mutex_lock(&p->lock);
	self = p->begun++;
	while (!p->stop) {
		bool did = false;

		/* A condition of its own, so that these are not woken in
		 * vain. */
		if (self >= p->active) {
			pthread_cond_wait(&p->share, &p->lock);
			continue;
		}
		if (p->step != NULL) {
			p->busy++;
			did = p->step(p->arg);
			p->busy--;
			if (did || p->step == NULL)
				pthread_cond_broadcast(&p->done);
		}
		if (!did && !p->stop)
			pthread_cond_wait(&p->more, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void
pool_open(struct pool *p, int threads)
{
	pthread_attr_t attr;

	memset(p, 0, sizeof *p);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->done, NULL);
	pthread_cond_init(&p->share, NULL);
	p->active = POOL_MOST;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	if (threads > POOL_MOST)
		threads = POOL_MOST;
	while (threads > 1 && p->n < threads &&
	    pthread_create(&p->threads[p->n], &attr, run_worker, p) == 0)
		p->n++;
	pthread_attr_destroy(&attr);
}

void
pool_close(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->more);
	pthread_cond_broadcast(&p->share);
	pthread_mutex_unlock(&p->lock);
	while (p->n > 0)
		pthread_join(p->threads[--p->n], NULL);
	pthread_cond_destroy(&p->share);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
}

void
pool_share(struct pool *p, int threads)
{
	pthread_mutex_lock(&p->lock);
	p->active = threads < 1 ? 1 : threads;
	pthread_cond_broadcast(&p->share);
	/* A thread that stops now may have received a signal meant for
	 * another. */
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
}

void
pool_give(struct pool *p, pool_step *step, void *arg)
{
	p->step = NULL;
	while (p->busy > 0)
		pthread_cond_wait(&p->done, &p->lock);
	p->step = step;
	p->arg = arg;
	pthread_cond_broadcast(&p->more);
}

void
pool_help(struct pool *p)
{
	if (p->n == 0)
		p->step(p->arg);
	else
		pthread_cond_wait(&p->done, &p->lock);
}
