#include "gateway/components.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "gateway/server.h"

#define TICK_S 60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool stopping;
static pthread_t ticker;
static struct v2m_pool *ticked_pool;

/* false: it is time to end. */
static bool
wait_a_tick(void)
{
	struct timespec until;
	bool go_on;
	int timed_out = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_S;
	pthread_mutex_lock(&lock);
	while (!stopping && timed_out == 0)
		timed_out = pthread_cond_timedwait(&changed, &lock, &until);
	go_on = !stopping;
	pthread_mutex_unlock(&lock);
	return go_on;
}

static void *
run_ticks(void *arg)
{
	size_t i;

	do {
		v2m_pool_tidy(ticked_pool);
		for (i = 0; v2m_gateway_components[i] != NULL; i++)
			if (v2m_gateway_components[i]->tick != NULL)
				v2m_gateway_components[i]->tick();
	} while (wait_a_tick());
	return arg;
}

static void
stop_all(void)
{
	size_t i;

	for (i = 0; v2m_gateway_components[i] != NULL; i++)
		if (v2m_gateway_components[i]->stop != NULL)
			v2m_gateway_components[i]->stop();
}

int
v2m_components_start(const struct v2m_conf *conf, struct v2m_pool *pool,
    struct v2m_err *err)
{
	pthread_condattr_t attr;
	size_t i;

	for (i = 0; v2m_gateway_components[i] != NULL; i++)
		if (v2m_gateway_components[i]->start != NULL &&
		    v2m_gateway_components[i]->start(conf, pool, err) < 0) {
			stop_all();
			return -1;
		}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
	ticked_pool = pool;
	if (pthread_create(&ticker, NULL, run_ticks, NULL) != 0) {
		stop_all();
		return v2m_err_set(err, V2M_TEMP, "cannot make a thread");
	}
	return 0;
}

void
v2m_components_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(ticker, NULL);
	stop_all();
}
