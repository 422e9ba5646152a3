#include "flow/taken.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/document.h"

#define KIND "taken"
#define PAUSE_MS 10000		/* between two writes, of all processes */
#define IDLE_MS 60000		/* between two notes of idle time */
#define MOST_OFF_MS 60000	/* between our clock and the store's */
#define LONG_MS 60000		/* queued so long, a worker may be missing */

/* The content of a document: three times in decimal.  All are wall ms of the
 * store's clock. */
struct facts {
	int64_t newest;		/* see flow/taken.h */
	int64_t written;	/* when `newest` was written */
	int64_t seen;		/* when a program of ours was there */
	int64_t now;		/* not in the document */
};

/* Times in the future come from a wrong clock: ignore them. */
static void
parse(const struct v2m_document *d, struct facts *f)
{
	if (sscanf(v2m_document_text(d), "%" SCNd64 " %" SCNd64 " %" SCNd64,
	    &f->newest, &f->written, &f->seen) != 3)
		f->newest = f->written = f->seen = 0;
	if (f->newest > f->now)
		f->newest = 0;
	if (f->written > f->now)
		f->written = 0;
	if (f->seen > f->now)
		f->seen = 0;
}

static int
look(struct v2m_services *s, const char *queue, struct v2m_document *d,
    struct facts *f, struct v2m_err *err)
{
	if (v2m_store_now(s->store, &f->now, err) < 0 ||
	    v2m_document_get(s->store, KIND, queue, d, err) < 0)
		return -1;
	parse(d, f);
	return 0;
}

/* If another process writes first, that is enough. */
static int
write_down(struct v2m_services *s, struct v2m_document *d,
    const struct facts *f, struct v2m_err *err)
{
	char text[96];

	snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64,
	    f->newest, f->written, f->seen);
	return v2m_document_set(d, text, err) < 0 ? -1 :
	    v2m_document_put(s->store, d, err);
}

/* 1: newest is in the document; 0: it is too early to write again; -1. */
static int
save(struct v2m_services *s, const char *queue, int64_t newest,
    struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	struct facts f;
	int ret = look(s, queue, &d, &f, err);

	if (ret == 0 && (newest <= f.newest || newest > f.now)) {
		ret = 1;
	} else if (ret == 0 && f.now - f.written >= PAUSE_MS) {
		f.newest = newest;
		f.written = f.seen = f.now;
		ret = write_down(s, &d, &f, err);
	}
	v2m_document_clear(&d);
	return ret;
}

static struct v2m_taken_queue *
find(struct v2m_taken *t, const char *queue)
{
	size_t i;

	for (i = 0; i < V2M_TAKEN_QUEUES; i++) {
		struct v2m_taken_queue *q = &t->queues[i];

		if (q->name[0] == '\0')
			v2m_text_copy(q->name, sizeof q->name, queue);
		if (strcmp(q->name, queue) == 0)
			return q;
	}
	return NULL;
}

/* Is there something to save, and is it time?  If so, the caller has to do
 * it. */
static bool
claim(struct v2m_taken *t, struct v2m_taken_queue *q,
    struct v2m_taken_queue *copy)
{
	int64_t now = v2m_mono_ms();
	bool due;

	pthread_mutex_lock(&t->lock);
	due = q->newest > q->written &&
	    (q->looked_at == 0 || now - q->looked_at >= PAUSE_MS);
	if (due)
		q->looked_at = now;
	*copy = *q;
	pthread_mutex_unlock(&t->lock);
	return due;
}

static void
save_if_due(struct v2m_taken *t, struct v2m_services *s,
    struct v2m_taken_queue *q)
{
	struct v2m_taken_queue copy;
	struct v2m_err err;
	int saved;

	if (!claim(t, q, &copy))
		return;
	saved = save(s, copy.name, copy.newest, &err);
	if (saved < 0)
		v2m_debug("queue %s: %s", copy.name, err.msg);
	if (saved != 1)
		return;
	pthread_mutex_lock(&t->lock);
	if (q->written < copy.newest)
		q->written = copy.newest;
	pthread_mutex_unlock(&t->lock);
}

void
v2m_taken_note(struct v2m_taken *t, struct v2m_services *s,
    const struct v2m_queue_message *m)
{
	struct v2m_taken_queue *q;

	/* A time in the future would hide the messages that come later. */
	if (m->published_ms <= 0 ||
	    m->published_ms > v2m_wall_ms() + MOST_OFF_MS)
		return;
	pthread_mutex_lock(&t->lock);
	q = find(t, m->queue);
	if (q != NULL && q->newest < m->published_ms)
		q->newest = m->published_ms;
	pthread_mutex_unlock(&t->lock);
	if (q != NULL)
		save_if_due(t, s, q);
}

static void
note_idle(struct v2m_taken *t, struct v2m_services *s, const char *queue)
{
	int64_t now = v2m_mono_ms();
	struct v2m_err err;
	bool due;

	pthread_mutex_lock(&t->lock);
	due = t->idle_at == 0 || now - t->idle_at >= IDLE_MS;
	if (due)
		t->idle_at = now;
	pthread_mutex_unlock(&t->lock);
	if (due && v2m_taken_present(s, queue, &err) < 0)
		v2m_debug("queue %s: %s", queue, err.msg);
}

void
v2m_taken_idle(struct v2m_taken *t, struct v2m_services *s, const char *queue)
{
	size_t i;

	for (i = 0; i < V2M_TAKEN_QUEUES; i++)
		save_if_due(t, s, &t->queues[i]);
	note_idle(t, s, queue);
}

int
v2m_taken_present(struct v2m_services *s, const char *queue,
    struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	struct facts f;
	int ret = look(s, queue, &d, &f, err);

	if (ret == 0 && f.now - f.seen >= PAUSE_MS) {
		f.seen = f.now;
		ret = write_down(s, &d, &f, err);
	}
	v2m_document_clear(&d);
	return ret < 0 ? -1 : 0;
}

int
v2m_taken_newest(struct v2m_services *s, const char *queue, int64_t *newest,
    int64_t *seen, struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	struct facts f;
	int ret = look(s, queue, &d, &f, err);

	v2m_document_clear(&d);
	*newest = ret == 0 ? f.newest : 0;
	*seen = ret == 0 ? f.seen : 0;
	return ret;
}

int
v2m_taken_asked(struct v2m_services *s, const struct v2m_record *r,
    int64_t *asked, struct v2m_err *err)
{
	/* A job may be queued again long after its upload. */
	int64_t since = r->queued_at > 0 ? r->queued_at : r->created_at;
	int64_t newest;

	*asked = 0;
	if (r->state != V2M_JOB_QUEUED || v2m_wall_ms() - since < LONG_MS)
		return 0;
	return v2m_taken_newest(s, v2m_conf_text(s->conf, "queue_video"),
	    &newest, asked, err);
}
