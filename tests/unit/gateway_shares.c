/* Connections are shared between users: one who has none comes before one who
 * has some and waits for more. */
#include <poll.h>

#include "gateway/pool.h"
#include "queue/queue.h"
#include "store/store.h"
#include "suite.h"

#define MANY 6

static struct v2m_pool *pool;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int holding;		/* how many of the first two hold a
				 * connection */
static bool may_end[2];
static char order[MANY + 2];	/* the order of the others */
static size_t nordered;

struct asker {
	pthread_t thread;
	const char *name;
	int first;		/* index among the first two; -1 */
};

static int
hold(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct asker *a = arg;

	(void)s;
	(void)err;
	pthread_mutex_lock(&lock);
	if (a->first < 0)
		order[nordered++] = a->name[0];
	else
		holding++;
	pthread_cond_broadcast(&changed);
	while (a->first >= 0 && !may_end[a->first])
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void *
ask(void *arg)
{
	const struct asker *a = arg;
	struct v2m_err err;

	v2m_pool_ask_for(a->name);
	return v2m_pool_use(pool, hold, arg, &err) == 0 ? arg : NULL;
}

static void
start(struct asker *a, const char *name, int first)
{
	a->name = name;
	a->first = first;
	must(pthread_create(&a->thread, NULL, ask, a) == 0, "a thread");
}

static void
let_end(int first)
{
	pthread_mutex_lock(&lock);
	may_end[first] = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void
await_holding(void)
{
	pthread_mutex_lock(&lock);
	while (holding < 2)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

int
main(int argc, char **argv)
{
	struct asker first[2], many[MANY], other;
	struct v2m_pool_count count;
	int i, bad = 0;

	suite_start(argc, argv, "store", "V2M_TEST_STORE", "2min");
	must(v2m_store_init(&suite_conf, &suite_err) == 0 &&
	    v2m_queue_init(&suite_conf, &suite_err) == 0, "a state");
	pool = v2m_pool_open(&suite_conf, 2, &suite_err);
	must(pool != NULL, "a pool of two");
	start(&first[0], "ann", 0);
	start(&first[1], "ann", 1);
	await_holding();
	for (i = 0; i < MANY; i++)
		start(&many[i], "ann", -1);
	poll(NULL, 0, 300);	/* they are waiting by now; if not, the test
				 * passes, too */
	start(&other, "bob", -1);
	poll(NULL, 0, 300);
	let_end(0);
	bad += pthread_join(other.thread, NULL) != 0;
	let_end(1);
	for (i = 0; i < MANY; i++)
		bad += pthread_join(many[i].thread, NULL) != 0;
	for (i = 0; i < 2; i++)
		bad += pthread_join(first[i].thread, NULL) != 0;
	order[nordered] = '\0';
	is(order, "baaaaaa", "who has none is next");
	v2m_pool_count(pool, &count);
	ok(bad == 0 && count.taken == 0, "all are given back");
	v2m_pool_close(pool);
	return suite_end();
}
