#include "auth/login_queue.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10
#define THREADS_MOST 64

/* A login that waits; on the stack of the thread that asked. */
struct login {
	struct login *next;
	const char *email, *password, *new_password;
	struct v2m_claims claims;
	char *token;
	struct v2m_err err;
	bool done;
	pthread_cond_t is_done;
};

struct v2m_login_queue {
	const struct v2m_conf *conf;
	v2m_session_permit *permit;
	pthread_mutex_t lock;
	pthread_cond_t is_work;
	struct login *first, *last;
	unsigned waiting;
	bool stop;
	int nthreads;
	pthread_t threads[THREADS_MOST];
};

static int
concurrency(const struct v2m_conf *conf)
{
	int64_t n = v2m_conf_number(conf, "login_concurrency");
	cpu_set_t cores;

	if (n == 0 && sched_getaffinity(0, sizeof cores, &cores) == 0)
		n = CPU_COUNT(&cores) / 2;
	return n < 1 ? 1 : n > THREADS_MOST ? THREADS_MOST : (int)n;
}

static struct login *
take_login(struct v2m_login_queue *q)
{
	struct login *l;

	while (q->first == NULL && !q->stop)
		pthread_cond_wait(&q->is_work, &q->lock);
	l = q->first;
	if (l == NULL)
		return NULL;
	q->first = l->next;
	q->waiting--;
	return l;
}

static void *
login_thread(void *arg)
{
	struct v2m_login_queue *q = arg;
	struct login *l;

	/* On Linux this is the priority of this thread only. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	pthread_mutex_lock(&q->lock);
	while ((l = take_login(q)) != NULL) {
		pthread_mutex_unlock(&q->lock);
		l->token = l->new_password == NULL ?
		    v2m_session_login(q->conf, l->email, l->password,
		    &l->claims, &l->err) :
		    v2m_session_passwd(q->conf, l->email, l->password,
		    l->new_password, q->permit, &l->claims, &l->err);
		pthread_mutex_lock(&q->lock);
		l->done = true;
		pthread_cond_signal(&l->is_done);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

struct v2m_login_queue *
v2m_login_queue_start(const struct v2m_conf *conf, v2m_session_permit *permit,
    struct v2m_err *err)
{
	struct v2m_login_queue *q = calloc(1, sizeof *q);
	int wanted = concurrency(conf);

	if (q == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot queue logins");
		return NULL;
	}
	q->conf = conf;
	q->permit = permit;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->is_work, NULL);
	while (q->nthreads < wanted && pthread_create(
	    &q->threads[q->nthreads], NULL, login_thread, q) == 0)
		q->nthreads++;
	if (q->nthreads == 0) {
		v2m_err_set(err, V2M_TEMP, "cannot start a thread for logins");
		v2m_login_queue_stop(q);
		return NULL;
	}
	return q;
}

void
v2m_login_queue_stop(struct v2m_login_queue *q)
{
	int i;

	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stop = true;
	pthread_cond_broadcast(&q->is_work);
	pthread_mutex_unlock(&q->lock);
	for (i = 0; i < q->nthreads; i++)
		pthread_join(q->threads[i], NULL);
	pthread_cond_destroy(&q->is_work);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Wait for the turn and the answer.  false: too many wait already. */
static bool
wait_for(struct v2m_login_queue *q, struct login *l)
{
	bool full;

	pthread_mutex_lock(&q->lock);
	full = q->waiting >= V2M_LOGIN_WAITING;
	if (!full) {
		if (q->first == NULL)
			q->first = l;
		else
			q->last->next = l;
		q->last = l;
		q->waiting++;
		pthread_cond_signal(&q->is_work);
		while (!l->done)
			pthread_cond_wait(&l->is_done, &q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return !full;
}

char *
v2m_login_queue_ask(struct v2m_login_queue *q, const char *email,
    const char *password, const char *new_password,
    struct v2m_claims *claims, bool *full, struct v2m_err *err)
{
	struct login *l = calloc(1, sizeof *l);
	char *token;

	*full = false;
	if (l == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot log in");
		return NULL;
	}
	l->email = email;
	l->password = password;
	l->new_password = new_password;
	pthread_cond_init(&l->is_done, NULL);
	*full = !wait_for(q, l);
	token = l->token;
	if (*full)
		v2m_err_set(err, V2M_TEMP, "too many logins at once: try "
		    "again");
	else if (token == NULL)
		v2m_err_pass(err, &l->err);
	else
		*claims = l->claims;
	pthread_cond_destroy(&l->is_done);
	free(l);
	return token;
}
