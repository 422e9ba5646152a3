/* GET /admin/workers: the queues, and the jobs and notices that workers and
 * notifiers are working on. */
#include <string.h>

#include "base/clock.h"
#include "flow/lease.h"
#include "flow/status.h"
#include "flow/taken.h"
#include "gateway/admin.h"
#include "gateway/fail.h"

struct workers {
	struct v2m_admin_page page;
	int64_t now;
	json_t *queues, *working, *telling;
	char last[V2M_ID_SIZE];
	bool more;
};

static json_t *
time_or_null(int64_t wall_ms)
{
	char text[32];

	return wall_ms == 0 ? json_null() :
	    json_string(v2m_wall_text(text, wall_ms));
}

static int
add_queue(struct v2m_services *s, struct workers *w, const char *queue,
    struct v2m_err *err)
{
	int64_t messages, newest, seen;

	if (v2m_queue_depth(s->queue, queue, &messages, err) < 0 ||
	    v2m_taken_newest(s, queue, &newest, &seen, err) < 0)
		return -1;
	json_array_append_new(w->queues, json_pack("{s:s, s:I, s:o}", "queue",
	    queue, "messages", (json_int_t)messages, "seen",
	    time_or_null(seen)));
	return 0;
}

static int
read_queues(struct v2m_services *s, struct workers *w, struct v2m_err *err)
{
	if (add_queue(s, w, v2m_conf_text(s->conf, "queue_video"), err) < 0 ||
	    add_queue(s, w, v2m_conf_text(s->conf, "queue_mp3"), err) < 0)
		return -1;
	return add_queue(s, w, V2M_QUEUE_NOTIFY, err);
}

/* How long ago a lease was renewed shows whether its process is alive. */
static int
add_working(void *arg, struct v2m_record *r)
{
	struct workers *w = arg;
	json_t *o;

	w->more = (int64_t)json_array_size(w->working) == w->page.limit;
	if (w->more)
		return 1;
	o = v2m_status_json(r);
	v2m_status_add_inner(o, r);
	json_object_set_new(o, "renewed", time_or_null(r->lease_ms == 0 ? 0 :
	    r->until - r->lease_ms));
	json_object_set_new(o, "alive",
	    json_boolean(!v2m_lease_is_over(r, w->now)));
	json_array_append_new(w->working, o);
	memcpy(w->last, r->id, sizeof w->last);
	return 0;
}

static int
add_telling(void *arg, struct v2m_record *r)
{
	struct workers *w = arg;
	json_t *o = v2m_status_json(r);

	json_object_set_new(o, "alive",
	    json_boolean(!v2m_notify_lease_is_over(r, w->now)));
	json_array_append_new(w->telling, o);
	return 0;
}

static int
read_workers(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct workers *w = arg;
	const struct v2m_filter running = { .state = V2M_JOB_RUNNING,
	    .after = w->page.after };
	const struct v2m_filter sending = { .state = -1, .sending = true,
	    .limit = (int)w->page.limit };

	if (v2m_store_now(s->store, &w->now, err) < 0 ||
	    read_queues(s, w, err) < 0 ||
	    v2m_store_each(s->store, &running, add_working, w, err) < 0)
		return -1;
	return v2m_store_each(s->store, &sending, add_telling, w, err);
}

void
v2m_admin_workers_get(struct v2m_rq *rq)
{
	struct workers w = { .queues = NULL };
	struct v2m_err err;

	if (!v2m_admin_page(rq, &w.page))
		return;
	w.queues = json_array();
	w.working = json_array();
	w.telling = json_array();
	if (v2m_pool_use(v2m_rq_pool(rq), read_workers, &w, &err) < 0)
		v2m_fail(rq, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:O, s:O, s:O, s:s?}",
		    "queues", w.queues, "working", w.working, "telling",
		    w.telling, "next", w.more ? w.last : NULL));
	json_decref(w.queues);
	json_decref(w.working);
	json_decref(w.telling);
}
