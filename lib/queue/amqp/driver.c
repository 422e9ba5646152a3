/* driver.c - queues at RabbitMQ: amqp://user@host/vhost, and amqps:.
 *
 * A message that was taken belongs to this handle as long as the connection
 * lives.  If the connection is lost, the broker delivers the message again; the
 * old tag is void then, and settling it changes nothing. */
#include "queue/amqp/amqp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"

static void *
amqp_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_amqp *q = calloc(1, sizeof *q);

	if (q == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the queue");
		return NULL;
	}
	if (v2m_amqp_endpoint_load(&q->endpoint, conf, err) < 0) {
		free(q);
		return NULL;
	}
	q->in.endpoint = q->out.endpoint = &q->endpoint;
	q->out.confirms = true;
	return q;
}

static void
forget_held(struct v2m_amqp *q, struct v2m_amqp_held *held)
{
	struct v2m_amqp_held **at = &q->held;

	while (*at != held)
		at = &(*at)->next;
	*at = held->next;
	v2m_amqp_content_release(&held->content);
	free(held);
}

static void
amqp_close(void *self)
{
	struct v2m_amqp *q = self;

	while (q->held != NULL)
		forget_held(q, q->held);
	v2m_amqp_close(&q->in);
	v2m_amqp_close(&q->out);
	v2m_amqp_endpoint_release(&q->endpoint);
	free(q);
}

/* Declare the queue, the one for invalid messages, and those of the delays. */
static int
make_family(struct v2m_amqp_link *out, const char *queue,
    struct v2m_err *err)
{
	char name[V2M_AMQP_NAME];
	size_t i;

	if (strlen(queue) >= sizeof ((struct v2m_queue_message *)0)->queue - 7)
		return v2m_err_set(err, V2M_CONFIG, "the name of the queue "
		    "'%.80s' is too long", queue);
	snprintf(name, sizeof name, "%s.failed", queue);
	if (v2m_amqp_make(out, queue, err) < 0 ||
	    v2m_amqp_make(out, name, err) < 0)
		return -1;
	for (i = 0; i < V2M_AMQP_STEPS; i++) {
		snprintf(name, sizeof name, "%s%s", queue,
		    v2m_amqp_steps[i].suffix);
		if (v2m_amqp_make(out, name, err) < 0)
			return -1;
	}
	return 0;
}

static int
amqp_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_amqp *q = amqp_open(conf, err);
	int ret = -1;

	if (q == NULL)
		return -1;
	if (make_family(&q->out, v2m_conf_text(conf, "queue_video"),
	    err) < 0 ||
	    make_family(&q->out, v2m_conf_text(conf, "queue_mp3"), err) < 0 ||
	    make_family(&q->out, V2M_QUEUE_NOTIFY, err) < 0)
		goto out;
	ret = 0;
out:
	amqp_close(q);
	return ret;
}

static int
amqp_publish(void *self, const char *queue, const char *body,
    int64_t published_ms, struct v2m_err *err)
{
	amqp_table_entry_t time = v2m_amqp_published(published_ms);
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		    AMQP_BASIC_DELIVERY_MODE_FLAG,
		.content_type = amqp_cstring_bytes("application/json"),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT,
		.headers = { 1, &time },
	};
	struct v2m_amqp *q = self;

	if (published_ms > 0)
		properties._flags |= AMQP_BASIC_HEADERS_FLAG;
	return v2m_amqp_publish(&q->out, queue, amqp_cstring_bytes(body),
	    &properties, false, err);
}

/* --- settling --- */

/* Not if a consumer is open: its messages are for take() to read. */
static void
tend_in(struct v2m_amqp *q)
{
	if (q->nwaiting == 0 || q->waiting_channel != q->in.channels)
		v2m_amqp_tend(&q->in);
}

/* The message that was taken; NULL: it is no longer ours. */
static struct v2m_amqp_held *
find_held(struct v2m_amqp *q, const struct v2m_queue_message *m)
{
	struct v2m_amqp_held *held = q->held;

	tend_in(q);
	while (held != NULL && held->tag != m->tag)
		held = held->next;
	if (held != NULL && q->in.open && held->channel == q->in.channels)
		return held;
	if (held != NULL)
		forget_held(q, held);
	return NULL;
}

static void
amqp_tend(void *self)
{
	struct v2m_amqp *q = self;

	tend_in(q);
	v2m_amqp_tend(&q->out);
}

/* There is no lease to extend: the connection holds the message. */
static int
amqp_extend(void *self, const struct v2m_queue_message *m, struct v2m_err *err)
{
	(void)m;
	(void)err;
	amqp_tend(self);
	return 0;
}

static int
amqp_ack(void *self, const struct v2m_queue_message *m, struct v2m_err *err)
{
	struct v2m_amqp *q = self;
	struct v2m_amqp_held *held = find_held(q, m);

	(void)err;
	if (held != NULL) {
		v2m_amqp_ack(q, held->delivery);
		forget_held(q, held);
	}
	return 0;
}

static int
amqp_release(void *self, const struct v2m_queue_message *m, int64_t delay_ms,
    struct v2m_err *err)
{
	struct v2m_amqp *q = self;
	struct v2m_amqp_held *held = find_held(q, m);
	amqp_bytes_t body = { m->length, m->body };

	if (held == NULL)
		return 0;
	if (delay_ms == 0) {
		v2m_amqp_requeue(q, held->delivery);
		forget_held(q, held);
		return 0;
	}
	if (v2m_amqp_delay(q, m->queue, body, &held->content, m->deliveries,
	    delay_ms, err) < 0)
		return -1;
	return amqp_ack(q, m, err);
}

static int
amqp_bury(void *self, const struct v2m_queue_message *m, struct v2m_err *err)
{
	struct v2m_amqp *q = self;
	struct v2m_amqp_held *held = find_held(q, m);
	amqp_bytes_t body = { m->length, m->body };

	if (held == NULL)
		return 0;
	if (v2m_amqp_put_aside(q, m->queue, body, &held->content, err) < 0)
		return -1;
	return amqp_ack(q, m, err);
}

/* Messages are settled on `in`, and counted on `out`.  So wait for an answer on
 * `in` first: else a message just settled might still be counted. */
static void
settle_up(struct v2m_amqp *q)
{
	struct v2m_err ignored;

	if (!q->unsettled || !q->in.open || q->nwaiting > 0)
		return;
	v2m_amqp_doing(&q->in, "settle", NULL);
	amqp_basic_qos(q->in.state, V2M_AMQP_CHANNEL, 0, 1, 0);
	v2m_amqp_check(&q->in, amqp_get_rpc_reply(q->in.state), NULL,
	    &ignored);
	q->unsettled = false;
}

/* The queue for invalid messages is declared with the first one. */
static bool
is_made_when_needed(const char *queue)
{
	const char *dot = strrchr(queue, '.');

	return dot != NULL && strcmp(dot, ".failed") == 0;
}

static int
amqp_ready(void *self, const char *queue, int64_t *n, struct v2m_err *err)
{
	struct v2m_amqp *q = self;
	int there;

	settle_up(q);
	*n = 0;
	there = v2m_amqp_count(&q->out, queue, n, err);
	return there == 1 || (there == 0 && is_made_when_needed(queue)) ? 0 :
	    -1;
}

static int
amqp_depth(void *self, const char *queue, int64_t *n, struct v2m_err *err)
{
	struct v2m_amqp *q = self;
	char name[V2M_AMQP_NAME];
	int64_t waiting;
	int there;
	size_t i;

	settle_up(q);
	there = v2m_amqp_count(&q->out, queue, n, err);
	if (there == 0 && is_made_when_needed(queue)) {
		*n = 0;
		return 0;
	}
	for (i = 0; there == 1 && i < V2M_AMQP_STEPS; i++) {
		snprintf(name, sizeof name, "%s%s", queue,
		    v2m_amqp_steps[i].suffix);
		waiting = 0;
		if (v2m_amqp_count(&q->out, name, &waiting, err) < 0)
			return -1;
		*n += waiting;
	}
	return there == 1 ? 0 : -1;
}

V2M_EXPORT const struct v2m_queue_ops v2m_queue_amqp = {
	.scheme = "amqp",
	.init = amqp_init,
	.open = amqp_open,
	.close = amqp_close,
	.publish = amqp_publish,
	.take = v2m_amqp_take,
	.extend = amqp_extend,
	.tend = amqp_tend,
	.ack = amqp_ack,
	.release = amqp_release,
	.bury = amqp_bury,
	.depth = amqp_depth,
	.ready = amqp_ready,
	.in_order = v2m_amqp_in_order,
};
