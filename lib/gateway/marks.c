#include "gateway/marks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"

struct v2m_marks {
	struct v2m_pool *pool;
	char who[V2M_ID_SIZE];
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	pthread_t renewer;
	bool is_started, is_ending;
	struct v2m_mark *first;
	size_t n;
};

/* The arguments of one operation on a mark. */
struct one {
	struct v2m_marks *marks;
	const char *id;
};

/* --- renewing --- */

static int
renew(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct one *one = arg;

	return v2m_upload_mark_renew(s, one->id, one->marks->who, err);
}

/* Copy the IDs, so that the lock is not held while the store works.  Locked. */
static char (*copy_ids(const struct v2m_marks *m))[V2M_ID_SIZE]
{
	char (*ids)[V2M_ID_SIZE] = calloc(m->n + 1, sizeof *ids);
	const struct v2m_mark *at;
	size_t i = 0;

	for (at = m->first; ids != NULL && at != NULL; at = at->next)
		v2m_text_copy(ids[i++], sizeof ids[0], at->id);
	return ids;
}

static void
renew_all(struct v2m_marks *m, char (*ids)[V2M_ID_SIZE])
{
	struct v2m_err ignored;
	size_t i;

	for (i = 0; ids != NULL && ids[i][0] != '\0'; i++) {
		struct one one = { m, ids[i] };

		v2m_pool_use(m->pool, renew, &one, &ignored);
	}
	free(ids);
}

/* Wait until it is time to renew, or to end.  Locked. */
static void
rest(struct v2m_marks *m)
{
	int64_t until = v2m_mono_ms() + V2M_UPLOAD_MARK_MS / 3;
	struct timespec at = { .tv_sec = until / 1000,
	    .tv_nsec = until % 1000 * 1000000 };

	while (!m->is_ending && v2m_mono_ms() < until)
		pthread_cond_timedwait(&m->stopped, &m->lock, &at);
}

static void *
keep_renewing(void *arg)
{
	struct v2m_marks *m = arg;
	char (*ids)[V2M_ID_SIZE];

	pthread_mutex_lock(&m->lock);
	while (rest(m), !m->is_ending) {
		ids = copy_ids(m);
		pthread_mutex_unlock(&m->lock);
		renew_all(m, ids);
		pthread_mutex_lock(&m->lock);
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* --- all marks --- */

struct v2m_marks *
v2m_marks_new(struct v2m_pool *pool, struct v2m_err *err)
{
	struct v2m_marks *m = calloc(1, sizeof *m);
	pthread_condattr_t attr;

	if (m == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	m->pool = pool;
	v2m_id_new(m->who);
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&m->stopped, &attr);
	pthread_condattr_destroy(&attr);
	m->is_started = pthread_create(&m->renewer, NULL, keep_renewing,
	    m) == 0;
	if (m->is_started)
		return m;
	v2m_err_set(err, V2M_TEMP, "cannot start a thread");
	v2m_marks_free(m);
	return NULL;
}

void
v2m_marks_free(struct v2m_marks *m)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->is_ending = true;
	pthread_cond_broadcast(&m->stopped);
	pthread_mutex_unlock(&m->lock);
	if (m->is_started)
		pthread_join(m->renewer, NULL);
	pthread_cond_destroy(&m->stopped);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* --- one mark --- */

int
v2m_marks_set(struct v2m_marks *m, struct v2m_services *s,
    struct v2m_mark *mark, struct v2m_err *err)
{
	int set = v2m_upload_mark_set(s, mark->id, m->who, err);

	if (set <= 0)
		return set;
	pthread_mutex_lock(&m->lock);
	mark->next = m->first;
	mark->at = &m->first;
	if (m->first != NULL)
		m->first->at = &mark->next;
	m->first = mark;
	m->n++;
	pthread_mutex_unlock(&m->lock);
	return 1;
}

static int
remove_mark(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct one *one = arg;

	return v2m_upload_mark_remove(s, one->id, one->marks->who, err);
}

void
v2m_marks_remove(struct v2m_marks *m, struct v2m_mark *mark)
{
	struct one one = { m, mark->id };
	struct v2m_err ignored;

	pthread_mutex_lock(&m->lock);
	*mark->at = mark->next;
	if (mark->next != NULL)
		mark->next->at = mark->at;
	m->n--;
	pthread_mutex_unlock(&m->lock);
	v2m_pool_use(m->pool, remove_mark, &one, &ignored);
}

int
v2m_marks_are_others(struct v2m_marks *m, struct v2m_services *s,
    const char *id, struct v2m_err *err)
{
	return v2m_upload_mark_is_others(s, id, m->who, err);
}
