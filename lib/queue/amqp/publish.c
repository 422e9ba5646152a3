/* publish.c - publishes messages.
 *
 * A message is in the queue when the broker has confirmed it, and not returned
 * it before; that the library accepted it means nothing.  Questions about
 * queues, and declaring them, use the same connection. */
#include "queue/amqp/amqp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/stop.h"

#define ROOM_MS 20		/* between two checks for room to send */

#define REFUSED_PAUSE_MS 100
#define REFUSED_TURN 30		/* refusals before another node is tried */

enum outcome { CONFIRMED = 0, NO_QUEUE = 1, REFUSED = 2 };	/* or -1 */

/* Is there room for n bytes in the socket's buffer?  The system counts its own
 * overhead as well, so only a quarter of the buffer is surely for data. */
static bool
has_room(const struct v2m_amqp_link *l, size_t n)
{
	int fd = amqp_get_sockfd(l->state), waiting = 0, buffer = 0;
	socklen_t size = sizeof buffer;

	if (ioctl(fd, SIOCOUTQ, &waiting) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, &size) < 0)
		return true;	/* TCP_USER_TIMEOUT is there as well */
	return waiting == 0 || (size_t)waiting + n <= (size_t)buffer / 4;
}

static int
no_time_left(struct v2m_amqp_link *l, const char *why, struct v2m_err *err)
{
	if (l->blocked)
		v2m_err_set(err, V2M_TEMP, "cannot %s at RabbitMQ on %s: it "
		    "takes no messages now (%s)", l->doing, v2m_amqp_where(l),
		    l->why_blocked);
	else
		v2m_err_set(err, V2M_TEMP, "cannot %s at RabbitMQ on %s: %s",
		    l->doing, v2m_amqp_where(l), why);
	/* A late answer would be taken for that to the next message. */
	v2m_amqp_turn(l);
	v2m_amqp_drop(l);
	return -1;
}

/* Wait until the broker takes messages and there is room for this one. */
static int
wait_for_room(struct v2m_amqp_link *l, size_t n, int64_t until,
    struct v2m_err *err)
{
	amqp_frame_t f;

	while (l->blocked || !has_room(l, n)) {
		int64_t now = v2m_mono_ms();

		if (now >= until)
			return no_time_left(l, "it does not read", err);
		if (v2m_amqp_next(l, now + ROOM_MS < until ? now + ROOM_MS :
		    until, false, &f, err) < 0)
			return -1;
		v2m_amqp_tidy(l);
	}
	return 0;
}

/* The broker's answer about the last message. */
static int
wait_for_word(struct v2m_amqp_link *l, int64_t until, struct v2m_err *err)
{
	enum outcome outcome = CONFIRMED;
	struct v2m_amqp_content back;
	amqp_frame_t f;
	int got;

	while ((got = v2m_amqp_next(l, until, false, &f, err)) == 1) {
		const amqp_basic_ack_t *ack = f.payload.method.decoded;
		const amqp_basic_nack_t *nack = f.payload.method.decoded;

		if (f.frame_type != AMQP_FRAME_METHOD)
			return v2m_amqp_lost(l, AMQP_STATUS_UNEXPECTED_STATE,
			    err);
		switch (f.payload.method.id) {
		case AMQP_BASIC_RETURN_METHOD:
			if (v2m_amqp_content_read(&back, l, err) < 0)
				return -1;
			v2m_amqp_content_release(&back);
			outcome = NO_QUEUE;
			break;
		case AMQP_BASIC_ACK_METHOD:
			if (ack->delivery_tag == l->published ||
			    (ack->multiple && ack->delivery_tag > l->published))
				return outcome;
			break;
		case AMQP_BASIC_NACK_METHOD:
			if (nack->delivery_tag == l->published ||
			    (nack->multiple &&
			    nack->delivery_tag > l->published))
				return REFUSED;
			break;
		}
	}
	return got < 0 ? -1 : no_time_left(l, "no confirmation in time", err);
}

static int
publish_once(struct v2m_amqp_link *l, const char *queue, amqp_bytes_t body,
    const amqp_basic_properties_t *properties, struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + V2M_AMQP_ANSWER_MS;
	int status;

	v2m_amqp_doing(l, "publish to", queue);
	if (wait_for_room(l, body.len + 4096, until, err) < 0)
		return -1;
	l->published++;
	status = amqp_basic_publish(l->state, V2M_AMQP_CHANNEL,
	    amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, properties,
	    body);
	if (status != AMQP_STATUS_OK)
		return v2m_amqp_lost(l, status, err);
	status = wait_for_word(l, until, err);
	v2m_amqp_tidy(l);
	return status;
}

/* How long to retry a message that was refused, or whose connection was lost.
 * In a cluster it takes longer, as the nodes may have to elect a leader. */
static int64_t
trying_ms(const struct v2m_amqp_link *l)
{
	return (int64_t)V2M_AMQP_ANSWER_MS * (int64_t)l->endpoint->hosts.n;
}

/* An old connection may have died while it was not used.  In a cluster even a
 * new one may be lost, and another node takes the message. */
static bool
may_reconnect(const struct v2m_amqp_link *l, bool is_new, int64_t began)
{
	return l->state == NULL && (!is_new || l->endpoint->hosts.n > 1) &&
	    v2m_mono_ms() - began < trying_ms(l) / 2;
}

/* Publish, and again on a new connection if this one is lost.  The message may
 * be in the queue twice then, which is allowed. */
static int
publish_connected(struct v2m_amqp_link *l, const char *queue,
    amqp_bytes_t body, const amqp_basic_properties_t *properties,
    struct v2m_err *err)
{
	int64_t began = v2m_mono_ms();
	size_t left = l->endpoint->hosts.n + 1;
	int outcome, made;

	do {
		made = v2m_amqp_connect(l, err);
		if (made < 0)
			return -1;
		outcome = publish_once(l, queue, body, properties, err);
	} while (outcome < 0 && --left > 0 &&
	    may_reconnect(l, made == 1, began));
	return outcome;
}

/* Pause before the next try.  A node that keeps refusing may not know the
 * leader: then try another one. */
static bool
may_try_again(struct v2m_amqp_link *l, unsigned refusals, int64_t until)
{
	if (v2m_mono_ms() >= until || v2m_stop_sleep(REFUSED_PAUSE_MS) > 0)
		return false;
	if (refusals % REFUSED_TURN == 0 && l->endpoint->hosts.n > 1) {
		v2m_amqp_turn(l);
		v2m_amqp_drop(l);
	}
	return true;
}

/* A broker refuses a message that it cannot store.  If a node of a cluster has
 * died, this ends as soon as the others have elected a leader for its
 * queues. */
static int
publish(struct v2m_amqp_link *l, const char *queue, amqp_bytes_t body,
    const amqp_basic_properties_t *properties, struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + trying_ms(l);
	unsigned refusals = 0;
	int outcome;

	do
		outcome = publish_connected(l, queue, body, properties, err);
	while (outcome == REFUSED && may_try_again(l, ++refusals, until));
	if (outcome == REFUSED)
		return v2m_err_set(err, V2M_TEMP, "cannot publish to the queue "
		    "'%s' at RabbitMQ on %s: it could not store the message",
		    queue, v2m_amqp_where(l));
	return outcome;
}

int
v2m_amqp_publish(struct v2m_amqp_link *out, const char *queue,
    amqp_bytes_t body, const amqp_basic_properties_t *properties, bool make,
    struct v2m_err *err)
{
	int outcome = publish(out, queue, body, properties, err);

	if (outcome == NO_QUEUE && make)
		outcome = v2m_amqp_make(out, queue, err) < 0 ? -1 :
		    publish(out, queue, body, properties, err);
	if (outcome == NO_QUEUE)
		return v2m_err_set(err, V2M_TEMP, "cannot publish to the "
		    "queue '%s' at RabbitMQ on %s: there is no such queue in "
		    "the vhost '%s' (v2m-init makes it)", queue,
		    v2m_amqp_where(out),
		    out->endpoint->vhost);
	return outcome;
}

/* --- queues --- */

int
v2m_amqp_count(struct v2m_amqp_link *out, const char *queue, int64_t *n,
    struct v2m_err *err)
{
	const amqp_queue_declare_ok_t *there;
	int code;

	if (v2m_amqp_connect(out, err) < 0)
		return -1;
	v2m_amqp_doing(out, "look at", queue);
	there = amqp_queue_declare(out->state, V2M_AMQP_CHANNEL,
	    amqp_cstring_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
	if (v2m_amqp_check(out, amqp_get_rpc_reply(out->state), &code,
	    err) < 0)
		return code == AMQP_NOT_FOUND ? 0 : -1;
	*n = there->message_count;
	v2m_amqp_tidy(out);
	return 1;
}

static amqp_table_entry_t *
argument(amqp_table_t *t, const char *key, uint8_t kind)
{
	amqp_table_entry_t *e = &t->entries[t->num_entries++];

	memset(e, 0, sizeof *e);
	e->key = amqp_cstring_bytes(key);
	e->value.kind = kind;
	return e;
}

/* The arguments of a wait queue: after the step, messages go back to the queue
 * whose name is before the suffix. */
static void
add_waiting(amqp_table_t *t, const char *queue)
{
	size_t i, n = strlen(queue);

	for (i = 0; i < V2M_AMQP_STEPS; i++) {
		const struct v2m_amqp_step *step = &v2m_amqp_steps[i];
		size_t end = strlen(step->suffix);
		amqp_bytes_t back = { n - end, (void *)(uintptr_t)queue };

		if (n <= end || strcmp(queue + n - end, step->suffix) != 0)
			continue;
		argument(t, "x-message-ttl", AMQP_FIELD_KIND_I32)->
		    value.value.i32 = step->ms;
		argument(t, "x-dead-letter-exchange", AMQP_FIELD_KIND_UTF8)->
		    value.value.bytes = amqp_empty_bytes;
		argument(t, "x-dead-letter-routing-key",
		    AMQP_FIELD_KIND_UTF8)->value.value.bytes = back;
	}
}

int
v2m_amqp_make(struct v2m_amqp_link *out, const char *queue,
    struct v2m_err *err)
{
	amqp_table_entry_t entries[4];
	amqp_table_t arguments = { 0, entries };
	int64_t n;
	int code, there = v2m_amqp_count(out, queue, &n, err);

	if (there != 0)
		return there < 0 ? -1 : 0;
	/* A classic queue is declared without a type, as other programs have
	 * always done. */
	if (out->endpoint->quorum)
		argument(&arguments, "x-queue-type", AMQP_FIELD_KIND_UTF8)->
		    value.value.bytes = amqp_cstring_bytes("quorum");
	add_waiting(&arguments, queue);
	if (v2m_amqp_connect(out, err) < 0)
		return -1;
	v2m_amqp_doing(out, "make", queue);
	amqp_queue_declare(out->state, V2M_AMQP_CHANNEL,
	    amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
	if (v2m_amqp_check(out, amqp_get_rpc_reply(out->state), &code,
	    err) < 0)
		/* Another program was faster, with other arguments. */
		return code == AMQP_PRECONDITION_FAILED ? 0 : -1;
	v2m_amqp_tidy(out);
	return 0;
}
