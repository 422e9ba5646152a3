#include "gateway/finishing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "flow/upload_steps.h"
#include "gateway/components.h"
#include "gateway/marks.h"
#include "media/cores.h"

#define TURN_MS 5000		/* to wait in the first queue */
#define LOOK_MS 200		/* while waiting: between two looks whether the
				 * client is still there */
#define JOIN_MS 10000		/* to wait for another request to finish it */

enum line { LOOKED_AT, UNSEEN };

/* An upload that is being finished, on the stack of its thread. */
struct finish {
	struct finish *next;
	const char *id, *owner;
	enum line line;
	bool running;
	int64_t since_ms;
};

struct v2m_finishing {
	struct v2m_pool *pool;		/* only for uploads being finished */
	struct v2m_marks *marks;
	struct v2m_media *media;
	int most;			/* to run at a time, in each queue */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct finish *first, **last;	/* in order of arrival */
};

static int
concurrency(const struct v2m_conf *conf)
{
	int64_t n = v2m_conf_number(conf, "probe_concurrency");

	return n == 0 ? v2m_cores() : n > 1000 ? 1000 : (int)n;
}

struct v2m_finishing *
v2m_finishing_new(const struct v2m_conf *conf, struct v2m_media *media,
    struct v2m_pool *pool, struct v2m_err *err)
{
	struct v2m_finishing *f = calloc(1, sizeof *f);
	pthread_condattr_t attr;

	if (f == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	f->media = media;
	f->most = concurrency(conf);
	f->last = &f->first;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->changed, &attr);
	pthread_condattr_destroy(&attr);
	f->pool = v2m_pool_open(conf, 2 * f->most, err);
	if (f->pool != NULL)
		f->marks = v2m_marks_new(pool, err);
	if (f->marks != NULL)
		return f;
	v2m_finishing_free(f);
	return NULL;
}

void
v2m_finishing_free(struct v2m_finishing *f)
{
	if (f == NULL)
		return;
	v2m_marks_free(f->marks);
	v2m_pool_close(f->pool);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* --- the queues --- */

/* Locked. */
static struct finish *
find(const struct v2m_finishing *f, const char *id)
{
	struct finish *at;

	for (at = f->first; at != NULL; at = at->next)
		if (strcmp(at->id, id) == 0)
			return at;
	return NULL;
}

/* May this one go on?  To be asked in order of arrival.  Locked. */
static bool
has_turn(const struct v2m_finishing *f, const struct finish *it)
{
	const struct finish *at;
	int running = 0;

	for (at = f->first; at != NULL; at = at->next) {
		if (at->line != it->line || !at->running)
			continue;
		running++;
		if (strcmp(at->owner, it->owner) == 0)
			return false;
	}
	return running < f->most;
}

/* Locked. */
static void
give_turns(struct v2m_finishing *f)
{
	struct finish *at;

	for (at = f->first; at != NULL; at = at->next)
		if (!at->running && has_turn(f, at))
			at->running = true;
	pthread_cond_broadcast(&f->changed);
}

/* Locked. */
static void
step_in(struct v2m_finishing *f, struct finish *it)
{
	it->next = NULL;
	*f->last = it;
	f->last = &it->next;
	give_turns(f);
}

static void
step_out(struct v2m_finishing *f, struct finish *it)
{
	struct finish **at;

	pthread_mutex_lock(&f->lock);
	for (at = &f->first; *at != it; at = &(*at)->next)
		;
	*at = it->next;
	if (f->last == &it->next)
		f->last = at;
	give_turns(f);
	pthread_mutex_unlock(&f->lock);
}

/* Locked. */
static void
wait_a_little(struct v2m_finishing *f)
{
	int64_t until = v2m_mono_ms() + LOOK_MS;
	struct timespec at = { .tv_sec = until / 1000,
	    .tv_nsec = until % 1000 * 1000000 };

	pthread_cond_timedwait(&f->changed, &f->lock, &at);
}

/* Begin to finish this upload, unless another request does. */
static bool
enter(struct v2m_finishing *f, struct finish *it)
{
	bool is_first;

	pthread_mutex_lock(&f->lock);
	is_first = find(f, it->id) == NULL;
	if (is_first)
		step_in(f, it);
	pthread_mutex_unlock(&f->lock);
	return is_first;
}

static void
await_turn(struct v2m_finishing *f, struct v2m_rq *rq, struct finish *it)
{
	pthread_mutex_lock(&f->lock);
	while (!it->running) {
		wait_a_little(f);
		if (it->running || it->line == UNSEEN ||
		    (v2m_mono_ms() - it->since_ms < TURN_MS &&
		    !v2m_rq_client_left(rq)))
			continue;
		it->line = UNSEEN;
		give_turns(f);
	}
	pthread_mutex_unlock(&f->lock);
}

bool
v2m_finishing_has(struct v2m_rq *rq, const char *id)
{
	struct v2m_finishing *f = v2m_rq_components(rq)->finishing;
	bool has;

	pthread_mutex_lock(&f->lock);
	has = find(f, id) != NULL;
	pthread_mutex_unlock(&f->lock);
	return has;
}

int
v2m_finishing_is_elsewhere(struct v2m_rq *rq, struct v2m_services *s,
    const char *id, struct v2m_err *err)
{
	return v2m_marks_are_others(v2m_rq_components(rq)->finishing->marks, s,
	    id, err);
}

bool
v2m_finishing_wait(struct v2m_rq *rq, const char *id)
{
	struct v2m_finishing *f = v2m_rq_components(rq)->finishing;
	int64_t until_ms = v2m_mono_ms() + JOIN_MS;
	bool has;

	pthread_mutex_lock(&f->lock);
	while ((has = find(f, id) != NULL) && v2m_mono_ms() < until_ms &&
	    !v2m_rq_client_left(rq))
		wait_a_little(f);
	pthread_mutex_unlock(&f->lock);
	return !has;
}

/* --- the check --- */

/* A stored video: a file, or read in pieces, with a connection for each. */
struct video {
	struct v2m_pool *pool;
	const char *id;
	int fd;
	int64_t length;
	void *buf;			/* for the piece that is read */
	size_t n;
	int64_t offset;
	ssize_t got;
};

static int
open_video(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct video *v = arg;
	struct v2m_reader *r = v2m_store_read(s->store, V2M_VIDEO, v->id,
	    NULL, err);

	if (r == NULL)
		return -1;
	v->length = v2m_reader_length(r);
	if (v2m_reader_fd(r) >= 0)
		v->fd = dup(v2m_reader_fd(r));
	v2m_reader_free(r);
	return 0;
}

static int
read_piece(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct video *v = arg;
	struct v2m_reader *r = v2m_store_read(s->store, V2M_VIDEO, v->id,
	    NULL, err);

	if (r == NULL)
		return -1;
	v->got = v2m_reader_pread(r, v->buf, v->n, v->offset, err);
	v2m_reader_free(r);
	return v->got < 0 ? -1 : 0;
}

static ssize_t
read_video(void *arg, void *buf, size_t n, int64_t offset, struct v2m_err *err)
{
	struct video *v = arg;

	v->buf = buf;
	v->n = n;
	v->offset = offset;
	return v2m_pool_use(v->pool, read_piece, v, err) < 0 ? -1 : v->got;
}

/* Called while the engine works: end it if the client has left. */
static int
check_client(void *arg, int percent, struct v2m_err *err)
{
	(void)percent;
	if (v2m_stop_count() < 2 && !v2m_rq_client_left(arg))
		return 0;
	return v2m_err_busy(err, "the client does not wait any more");
}

/* Check the video for sound.  0: yes; 1: not known, and err says why; -1:
 * no. */
static int
look(struct v2m_finishing *f, struct v2m_rq *rq,
    const struct v2m_record *record, struct v2m_err *err)
{
	struct video v = { .pool = f->pool, .id = record->id, .fd = -1 };
	struct v2m_media_input in = { .name = record->name,
	    .pread = read_video, .arg = &v };
	struct v2m_settings settings;
	int ret;

	if (v2m_settings_parse(&settings, record->options, err) < 0 ||
	    v2m_pool_use(f->pool, open_video, &v, err) < 0)
		return -1;
	in.fd = v.fd;
	in.length = v.length;
	ret = v2m_upload_step_check(f->media, &in, &settings, check_client, rq,
	    err);
	if (v.fd >= 0)
		close(v.fd);
	return ret < 0 && v2m_err_is_busy(err) ? 1 : ret;
}

/* --- one upload --- */

struct job {
	struct v2m_upload_stream *stream;
	bool existed;
	const struct v2m_err *refused;
	struct v2m_marks *marks;
	struct v2m_mark mark;
	bool is_marked, is_elsewhere;
};

/* Mark it for other gateways if it is resumable: only then may a client ask
 * another gateway for it. */
static int
set_mark(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct job *job = arg;
	int set = v2m_marks_set(job->marks, s, &job->mark, err);

	job->is_marked = set == 1;
	job->is_elsewhere = set == 0;
	return set < 0 ? -1 : set == 0 ? 0 :
	    v2m_upload_stream_complete(job->stream, s, err);
}

static int
begin(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct job *job = arg;

	return v2m_upload_stream_finish_begin(job->stream, s, &job->existed,
	    err);
}

static int
end(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct job *job = arg;

	return v2m_upload_stream_finish_end(job->stream, s, job->refused, err);
}

static void
log_unchecked(const char *id, const char *why)
{
	v2m_event_always(id, "unchecked", "reason=\"%s\"", why);
}

static int
finish(struct v2m_finishing *f, struct v2m_rq *rq, const struct finish *it,
    struct job *job, struct v2m_err *err)
{
	int ret = v2m_pool_use(f->pool, begin, job, err), seen = 0;
	struct v2m_err why = { .code = V2M_OK };

	if (ret <= 0)
		return ret;
	if (f->media != NULL && it->line == UNSEEN)
		log_unchecked(it->id, "too many uploads are being checked");
	else if (f->media != NULL)
		seen = look(f, rq, v2m_upload_stream_record(job->stream),
		    &why);
	if (seen > 0)
		log_unchecked(it->id, why.msg);
	job->refused = seen < 0 ? &why : NULL;
	return v2m_pool_use(f->pool, end, job, err);
}

int
v2m_finishing_run(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    bool *existed, struct v2m_err *err)
{
	struct v2m_finishing *f = v2m_rq_components(rq)->finishing;
	/* Copies, as the record may be replaced by that of an equal job. */
	struct v2m_record record = *v2m_upload_stream_record(stream);
	struct finish it = { .id = record.id, .owner = record.owner,
	    .since_ms = v2m_mono_ms() };
	struct job job = { .stream = stream, .marks = f->marks,
	    .mark.id = record.id };
	struct v2m_err ignored;
	int ret = 1;

	if (!enter(f, &it)) {
		v2m_finishing_wait(rq, it.id);
		return 1;
	}
	/* If this fails, the next step fails, too, and reports it. */
	if (v2m_upload_stream_is_resumable(stream))
		v2m_pool_use(v2m_rq_pool(rq), set_mark, &job, &ignored);
	if (!job.is_elsewhere) {
		await_turn(f, rq, &it);
		ret = finish(f, rq, &it, &job, err);
	}
	if (job.is_marked)
		v2m_marks_remove(f->marks, &job.mark);
	step_out(f, &it);
	*existed = job.existed;
	return ret;
}
