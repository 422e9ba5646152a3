/* take.c - takes messages.
 *
 * The queues are asked for a message (basic.get) in turn.  If all are empty, a
 * consumer on each waits for the first message, and is then cancelled.  So a
 * handle never holds more messages than its thread works on, a message goes to
 * a worker that is free, and waiting costs nothing.  If no message comes in
 * time, the consumers stay for the next call. */
#include "queue/amqp/amqp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"

/* A message that came. */
struct delivery {
	uint64_t tag;
	bool again;			/* the broker has delivered it before */
	const char *queue;
	struct v2m_amqp_content content;
};

/* --- settling --- */

void
v2m_amqp_ack(struct v2m_amqp *q, uint64_t delivery)
{
	struct v2m_err ignored;
	int status = amqp_basic_ack(q->in.state, V2M_AMQP_CHANNEL, delivery,
	    0);

	q->unsettled = true;
	if (status != AMQP_STATUS_OK)
		v2m_amqp_lost(&q->in, status, &ignored);
}

void
v2m_amqp_requeue(struct v2m_amqp *q, uint64_t delivery)
{
	struct v2m_err ignored;
	int status = amqp_basic_nack(q->in.state, V2M_AMQP_CHANNEL, delivery,
	    0, 1);

	q->unsettled = true;
	if (status != AMQP_STATUS_OK)
		v2m_amqp_lost(&q->in, status, &ignored);
}

/* The longest step that is not (much) longer than the delay; at least the
 * first. */
static const struct v2m_amqp_step *
step_for(int64_t delay_ms)
{
	size_t i = 0;

	while (i + 1 < V2M_AMQP_STEPS &&
	    v2m_amqp_steps[i + 1].ms <= delay_ms + delay_ms / 4)
		i++;
	return &v2m_amqp_steps[i];
}

int
v2m_amqp_delay(struct v2m_amqp *q, const char *queue, amqp_bytes_t body,
    struct v2m_amqp_content *c, int64_t delivered, int64_t delay_ms,
    struct v2m_err *err)
{
	const struct v2m_amqp_step *step = step_for(delay_ms);
	int64_t rest = delay_ms > step->ms ? delay_ms - step->ms : 0;
	amqp_basic_properties_t properties;
	char name[V2M_AMQP_NAME];

	snprintf(name, sizeof name, "%s%s", queue, step->suffix);
	/* 32 bits (24 days) are enough, and every program reads them. */
	if (rest > INT32_MAX)
		rest = INT32_MAX;
	return v2m_amqp_content_onward(c, delivered, v2m_wall_ms() + step->ms,
	    rest, &properties, err) < 0 ? -1 : v2m_amqp_publish(&q->out, name,
	    body, &properties, true, err);
}

int
v2m_amqp_put_aside(struct v2m_amqp *q, const char *queue, amqp_bytes_t body,
    struct v2m_amqp_content *c, struct v2m_err *err)
{
	amqp_basic_properties_t properties;
	char name[V2M_AMQP_NAME];

	snprintf(name, sizeof name, "%s.failed", queue);
	return v2m_amqp_content_onward(c, -1, 0, 0, &properties, err) < 0 ? -1 :
	    v2m_amqp_publish(&q->out, name, body, &properties, true, err);
}

/* --- what came --- */

static int
hand_message_over(struct v2m_amqp *q, struct delivery *d,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	struct v2m_amqp_held *held = calloc(1, sizeof *held);

	if (held == NULL) {
		v2m_amqp_requeue(q, d->tag);
		return v2m_err_sys(err, V2M_TEMP, "cannot take a message");
	}
	held->tag = m->tag = ++q->takes;
	held->channel = q->in.channels;
	held->delivery = d->tag;
	held->next = q->held;
	q->held = held;
	m->body = d->content.body;
	m->length = d->content.length;
	m->deliveries = 1 + d->content.delivered +
	    (d->again && !d->content.counted);
	if (m->deliveries == 1)
		m->published_ms = d->content.published_ms;
	v2m_text_copy(m->queue, sizeof m->queue, d->queue);
	held->content = d->content;
	held->content.body = NULL;
	memset(&d->content, 0, sizeof d->content);
	return 1;
}

/* Move a message on: to its next step of delay, or, if it is not a job, to the
 * queue of invalid messages. */
static int
pass_on(struct v2m_amqp *q, struct delivery *d, struct v2m_err *err)
{
	struct v2m_amqp_content *c = &d->content;
	amqp_bytes_t body = { c->length, c->body };
	int done;

	if (c->body == NULL) {
		v2m_warn("queue '%s': a message of %zu bytes is dropped: it "
		    "is not a job, and too large for the queue of failed "
		    "messages", d->queue,
		    c->length);
		done = 0;
	} else if (c->length > V2M_MESSAGE_MAX) {
		done = v2m_amqp_put_aside(q, d->queue, body, c, err);
	} else {
		done = v2m_amqp_delay(q, d->queue, body, c, c->delivered,
		    c->rest_ms, err);
	}
	if (done < 0) {
		v2m_amqp_requeue(q, d->tag);
		return -1;
	}
	v2m_amqp_ack(q, d->tag);
	return 2;
}

/* 1: the caller gets it; 2: it was moved on; -1.  Releases d. */
static int
accept_delivery(struct v2m_amqp *q, struct delivery *d,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	int got = d->content.body == NULL || d->content.rest_ms > 0 ||
	    d->content.length > V2M_MESSAGE_MAX ? pass_on(q, d, err) :
	    hand_message_over(q, d, m, err);

	v2m_amqp_content_release(&d->content);
	v2m_amqp_tidy(&q->in);
	return got;
}

/* --- asking --- */

static int
get(struct v2m_amqp *q, const char *queue, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	struct delivery d = { .queue = queue };
	const amqp_basic_get_ok_t *ok;
	amqp_rpc_reply_t reply;

	/* Moving a message on may have taken long. */
	if (v2m_amqp_connect(&q->in, err) < 0)
		return -1;
	v2m_amqp_doing(&q->in, "take from", queue);
	reply = amqp_basic_get(q->in.state, V2M_AMQP_CHANNEL,
	    amqp_cstring_bytes(queue), 0);
	if (v2m_amqp_check(&q->in, reply, NULL, err) < 0)
		return -1;
	if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD)
		return 0;
	ok = reply.reply.decoded;
	d.tag = ok->delivery_tag;
	d.again = ok->redelivered;
	return v2m_amqp_content_read(&d.content, &q->in, err) < 0 ? -1 :
	    accept_delivery(q, &d, m, err);
}

/* Ask each queue once; first the one after that of the last message. */
static int
get_turn(struct v2m_amqp *q, const char *const *queues,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	size_t i, n = 0;
	int got = 0;

	while (queues[n] != NULL)
		n++;
	for (i = 0; i < n && got == 0; i++) {
		size_t at = (q->turn + i) % n;

		got = get(q, queues[at], m, err);
		if (got == 1)
			q->turn = at + 1;
	}
	return got;
}

/* --- waiting --- */

static amqp_bytes_t
consumer(size_t i, char name[32])
{
	snprintf(name, 32, "v2m-%zu", i);
	return amqp_cstring_bytes(name);
}

static int
start_waiting(struct v2m_amqp *q, const char *const *queues,
    struct v2m_err *err)
{
	char name[32];
	size_t i;

	q->nwaiting = 0;
	q->waiting_channel = q->in.channels;
	for (i = 0; queues[i] != NULL; i++) {
		if (i == V2M_AMQP_CONSUMERS)
			return v2m_err_set(err, V2M_BUG, "more than %d queues "
			    "to wait for", V2M_AMQP_CONSUMERS);
		v2m_amqp_doing(&q->in, "wait for", queues[i]);
		amqp_basic_consume(q->in.state, V2M_AMQP_CHANNEL,
		    amqp_cstring_bytes(queues[i]), consumer(i, name), 0, 0, 0,
		    amqp_empty_table);
		if (v2m_amqp_check(&q->in, amqp_get_rpc_reply(q->in.state),
		    NULL, err) < 0)
			return -1;
		v2m_text_copy(q->waiting[i], sizeof q->waiting[i], queues[i]);
		q->nwaiting = i + 1;
	}
	return 0;
}

/* Cancel the consumers.  Messages that came after the first one go back to
 * their old place. */
static int
stop_waiting(struct v2m_amqp *q, struct v2m_err *err)
{
	struct v2m_amqp_content content;
	size_t i, n = q->nwaiting;
	amqp_frame_t f;
	char name[32];
	int got;

	q->nwaiting = 0;
	for (i = 0; i < n; i++) {
		v2m_amqp_doing(&q->in, "stop waiting for", q->waiting[i]);
		amqp_basic_cancel(q->in.state, V2M_AMQP_CHANNEL,
		    consumer(i, name));
		if (v2m_amqp_check(&q->in, amqp_get_rpc_reply(q->in.state),
		    NULL, err) < 0)
			return -1;
	}
	while ((got = v2m_amqp_next(&q->in, 0, false, &f, err)) == 1) {
		const amqp_basic_deliver_t *deliver = f.payload.method.decoded;
		uint64_t tag;

		if (f.frame_type != AMQP_FRAME_METHOD ||
		    f.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
			continue;
		tag = deliver->delivery_tag;
		if (v2m_amqp_content_read(&content, &q->in, err) < 0)
			return -1;
		v2m_amqp_content_release(&content);
		v2m_amqp_requeue(q, tag);
		if (q->in.state == NULL)
			return v2m_err_set(err, V2M_TEMP, "the connection to "
			    "RabbitMQ on %s was lost",
			    v2m_amqp_where(&q->in));
	}
	return got;
}

static bool
is_waiting_for(const struct v2m_amqp *q, const char *const *queues)
{
	size_t i;

	for (i = 0; i < q->nwaiting; i++)
		if (queues[i] == NULL || strcmp(queues[i], q->waiting[i]) != 0)
			return false;
	return queues[i] == NULL;
}

/* The queue of a delivery, by the number of its consumer. */
static const char *
queue_of(const struct v2m_amqp *q, const amqp_basic_deliver_t *d)
{
	size_t i;
	char name[32];

	for (i = 0; i < q->nwaiting; i++) {
		amqp_bytes_t tag = consumer(i, name);

		if (tag.len == d->consumer_tag.len &&
		    memcmp(tag.bytes, d->consumer_tag.bytes, tag.len) == 0)
			return q->waiting[i];
	}
	return NULL;
}

static int
take_delivery(struct v2m_amqp *q, const amqp_basic_deliver_t *deliver,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	struct delivery d = { .tag = deliver->delivery_tag,
	    .again = deliver->redelivered, .queue = queue_of(q, deliver) };

	if (d.queue == NULL)
		return v2m_amqp_lost(&q->in, AMQP_STATUS_UNEXPECTED_STATE,
		    err);
	if (v2m_amqp_content_read(&d.content, &q->in, err) < 0)
		return -1;
	if (stop_waiting(q, err) < 0) {
		v2m_amqp_content_release(&d.content);
		return -1;	/* channel lost: the message comes back */
	}
	return accept_delivery(q, &d, m, err);
}

static int
await(struct v2m_amqp *q, int64_t until, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	amqp_frame_t f;
	int got;

	v2m_amqp_doing(&q->in, "wait for", q->waiting[0]);
	while ((got = v2m_amqp_next(&q->in, until, true, &f, err)) == 1) {
		if (f.frame_type != AMQP_FRAME_METHOD)
			return v2m_amqp_lost(&q->in,
			    AMQP_STATUS_UNEXPECTED_STATE, err);
		if (f.payload.method.id == AMQP_BASIC_DELIVER_METHOD)
			return take_delivery(q, f.payload.method.decoded, m,
			    err);
		if (f.payload.method.id == AMQP_BASIC_CANCEL_METHOD) {
			/* The queue was deleted, or its node left: the next
			 * request tells which. */
			v2m_amqp_close(&q->in);
			return 2;
		}
	}
	v2m_amqp_tidy(&q->in);
	return got;
}

static bool
waits(const struct v2m_amqp *q)
{
	return q->nwaiting > 0 && q->in.open &&
	    q->waiting_channel == q->in.channels;
}

int
v2m_amqp_take(void *self, const char *const *queues, int wait_ms,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + wait_ms;
	struct v2m_amqp *q = self;
	int got;

	v2m_amqp_tend(&q->out);
	if (waits(q) && (wait_ms == 0 || !is_waiting_for(q, queues)) &&
	    stop_waiting(q, err) < 0)
		return -1;
	for (;;) {
		got = waits(q) ? await(q, until, m, err) :
		    get_turn(q, queues, m, err);
		if (got == 1 || got < 0)
			return got;
		if (v2m_stop_count() > 0)
			return 0;
		if (got == 2)
			continue;	/* there may be more after it */
		if (v2m_mono_ms() >= until)
			return 0;
		if (!waits(q) && start_waiting(q, queues, err) < 0)
			return -1;
	}
}
