#include "queue/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/driver.h"
#include "base/fault.h"
#include "base/tls.h"

struct v2m_queue {
	const struct v2m_queue_ops *ops;
	void *self;
};

static const struct v2m_driver drivers[] = {
	{ .scheme = "sqlite", .form = "sqlite:FILE", .ops = &v2m_queue_sqlite },
	{ .scheme = "amqp", .form = "amqp://USER@HOST/VHOST",
	    .module = "queue-amqp", .symbol = "v2m_queue_amqp" },
	{ .scheme = "amqps", .form = "amqps://USER@HOST/VHOST",
	    .module = "queue-amqp", .symbol = "v2m_queue_amqp" },
	{ .scheme = NULL }
};

/* spare: how many bytes of the name are kept for a suffix. */
static int
check_name(const char *queue, size_t spare, struct v2m_err *err)
{
	const size_t most = sizeof ((struct v2m_queue_message *)0)->queue - 1;

	if (queue[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "the name of a queue is "
		    "empty");
	if (strlen(queue) > most - spare)
		return v2m_err_set(err, V2M_CONFIG, "the name of the queue "
		    "'%.80s' is longer than %zu bytes", queue, most - spare);
	return 0;
}

struct v2m_queue *
v2m_queue_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_queue_ops *ops = v2m_driver(conf, "queue", drivers,
	    err);
	struct v2m_queue *q;

	if (ops == NULL || v2m_tls_check(conf, "queue", err) < 0)
		return NULL;
	q = calloc(1, sizeof *q);
	if (q == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the queue");
		return NULL;
	}
	q->ops = ops;
	q->self = ops->open(conf, err);
	if (q->self == NULL) {
		free(q);
		return NULL;
	}
	return q;
}

void
v2m_queue_close(struct v2m_queue *q)
{
	if (q == NULL)
		return;
	q->ops->close(q->self);
	free(q);
}

int
v2m_queue_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_queue_ops *ops = v2m_driver(conf, "queue", drivers,
	    err);

	if (ops == NULL || v2m_tls_check(conf, "queue", err) < 0)
		return -1;
	return ops->init(conf, err);
}

int
v2m_queue_publish(struct v2m_queue *q, const char *queue, const char *body,
    int64_t published_ms, struct v2m_err *err)
{
	size_t length = strlen(body);

	if (check_name(queue, strlen(".failed"), err) < 0)
		return -1;
	if (length > V2M_MESSAGE_MAX)
		return v2m_err_set(err, V2M_DATA, "a message of %zu bytes is "
		    "too long for the queue '%s' (at most %d)", length, queue,
		    V2M_MESSAGE_MAX);
	if (v2m_fault("queue-publish", err) < 0 ||
	    q->ops->publish(q->self, queue, body, published_ms, err) < 0)
		return -1;
	return v2m_fault("queue-published", err);
}

int
v2m_queue_take(struct v2m_queue *q, const char *const *queues, int wait_ms,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	size_t i;

	memset(m, 0, sizeof *m);
	for (i = 0; queues[i] != NULL; i++)
		if (check_name(queues[i], 0, err) < 0)
			return -1;
	return q->ops->take(q->self, queues, wait_ms < 0 ? 0 : wait_ms, m,
	    err);
}

int
v2m_queue_extend(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err)
{
	return q->ops->extend == NULL ? 0 : q->ops->extend(q->self, m, err);
}

void
v2m_queue_tend(struct v2m_queue *q)
{
	if (q->ops->tend != NULL)
		q->ops->tend(q->self);
}

int
v2m_queue_ack(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err)
{
	return q->ops->ack(q->self, m, err);
}

int
v2m_queue_release(struct v2m_queue *q, const struct v2m_queue_message *m,
    int64_t delay_ms, struct v2m_err *err)
{
	return q->ops->release(q->self, m, delay_ms < 0 ? 0 : delay_ms, err);
}

int
v2m_queue_bury(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err)
{
	return q->ops->bury(q->self, m, err);
}

int
v2m_queue_depth(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err)
{
	if (check_name(queue, 0, err) < 0)
		return -1;
	return q->ops->depth(q->self, queue, n, err);
}

int
v2m_queue_ready(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err)
{
	if (check_name(queue, 0, err) < 0)
		return -1;
	return q->ops->ready(q->self, queue, n, err);
}

int64_t
v2m_queue_held_ms(const struct v2m_queue *q)
{
	return q->ops->held_ms == NULL ? 0 : q->ops->held_ms(q->self);
}

int
v2m_queue_in_order(struct v2m_queue *q, const char *queue,
    struct v2m_err *err)
{
	if (check_name(queue, 0, err) < 0)
		return -1;
	return q->ops->in_order == NULL ? 1 :
	    q->ops->in_order(q->self, queue, err);
}
