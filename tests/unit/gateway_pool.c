/* The gateway's connections to the services: the first that waits gets the
 * first free one, and how refusals count.  The services are simulated. */
#include "gateway/pool.c"

#include "tap.h"

#define WAITING 5

static int opened, closed;
static struct v2m_pool *pool;
static int order[WAITING], served;

int
v2m_services_open(struct v2m_services *s, const struct v2m_conf *conf,
    bool with_queue, struct v2m_err *err)
{
	(void)s;
	(void)conf;
	(void)with_queue;
	(void)err;
	opened++;
	return 0;
}

void
v2m_services_close(struct v2m_services *s)
{
	(void)s;
	closed++;
}

static int
count_waiters(void)
{
	struct waiter *w;
	int n = 0;

	pthread_mutex_lock(&pool->lock);
	for (w = pool->first; w != NULL; w = w->next)
		n++;
	pthread_mutex_unlock(&pool->lock);
	return n;
}

/* The only connection is used by one caller at a time. */
static int
note_turn(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	(void)s;
	(void)err;
	order[served++] = *(int *)arg;
	return 0;
}

static void *
come(void *arg)
{
	struct v2m_err err;

	v2m_pool_use(pool, note_turn, arg, &err);
	return NULL;
}

struct crowd {
	pthread_t threads[WAITING];
	int numbers[WAITING];
};

/* While this caller holds the connection, others begin to wait one after the
 * other. */
static int
let_come(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct crowd *crowd = arg;
	int i;

	(void)s;
	(void)err;
	for (i = 0; i < WAITING; i++) {
		crowd->numbers[i] = i;
		pthread_create(&crowd->threads[i], NULL, come,
		    &crowd->numbers[i]);
		while (count_waiters() != i + 1)
			sched_yield();
	}
	return 0;
}

static void
turns(void)
{
	struct crowd crowd;
	struct v2m_err err;
	bool right = true;
	int i;

	ok(v2m_pool_use(pool, let_come, &crowd, &err) == 0,
	    "all wait for who has the only connection");
	for (i = 0; i < WAITING; i++)
		pthread_join(crowd.threads[i], NULL);
	for (i = 0; i < WAITING; i++)
		right &= order[i] == i;
	ok(served == WAITING && right, "they are served in their order");
	ok(opened == 1 && closed == 0, "by one connection");
}

static int
refuse(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	(void)s;
	*err = *(struct v2m_err *)arg;
	return -1;
}

/* How many connections does this error cost? */
static int
cost_of(struct v2m_err answer)
{
	int before = closed;
	struct v2m_err err;

	v2m_pool_use(pool, refuse, &answer, &err);
	return closed - before;
}

static void
refusals(void)
{
	struct v2m_err busy, damage;

	v2m_err_busy(&busy, "the limit is reached");
	v2m_err_damage(&damage, "its bytes are not those");
	ok(cost_of((struct v2m_err){ .code = V2M_NOINPUT }) == 0 &&
	    cost_of((struct v2m_err){ .code = V2M_DATA }) == 0,
	    "a refused request keeps its connection");
	ok(cost_of((struct v2m_err){ .code = V2M_DENIED }) == 0 &&
	    cost_of((struct v2m_err){ .code = V2M_USAGE }) == 0,
	    "so does who may not, or asks wrongly");
	ok(cost_of(busy) == 0 && cost_of(damage) == 0,
	    "so does a limit, and an object that is damaged");
	ok(cost_of((struct v2m_err){ .code = V2M_TEMP }) == 1 &&
	    cost_of((struct v2m_err){ .code = V2M_IO }) == 1 &&
	    cost_of((struct v2m_err){ .code = V2M_UNAVAILABLE }) == 1,
	    "a service that is away does not");
}

int
main(void)
{
	struct v2m_err err;

	pool = v2m_pool_open(NULL, 1, &err);
	turns();
	refusals();
	v2m_pool_close(pool);
	ok(opened == closed, "none is left open");
	return tap_done();
}
