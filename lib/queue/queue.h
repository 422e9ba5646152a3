/* queue.h - durable queues of messages.
 *
 * Messages arrive at least once, in any order; they carry jobs to whoever has
 * time and decide nothing (the record does).  A message that was taken and
 * neither settled nor extended comes back by itself.  The scheme of the key
 * `queue` picks the driver.
 *
 * A struct v2m_queue belongs to one thread.  Errors: V2M_TEMP (away, busy),
 * V2M_CONFIG (not set up), V2M_DENIED.
 */
#ifndef V2M_QUEUE_QUEUE_H
#define V2M_QUEUE_QUEUE_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

#define V2M_MESSAGE_MAX 65536	/* bytes of the longest body that is taken */

/* The queue of notifications that no foreign notifier should see: failures. */
#define V2M_QUEUE_NOTIFY "v2m.notice"

struct v2m_queue;

struct v2m_queue_message {
	char *body;		/* as it came, with a NUL behind */
	size_t length;		/* of it; there may be NULs in it */
	char queue[64];
	int64_t tag;		/* the driver's; means nothing to others */
	int64_t deliveries;	/* how often it was taken, this time included,
				 * as far as the driver knows; at least 1 */
	int64_t published_ms;	/* when it was published, as its publisher said;
				 * 0: not known, or it has not come straight
				 * from the queue and for the first time */
};

struct v2m_queue *v2m_queue_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_queue_close(struct v2m_queue *q);	/* NULL is fine; what was taken
						 * and not settled comes back */

/* Make the queues that the configuration names; safe to repeat. */
int v2m_queue_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Put a message in: 0 means that it is on disk and will be delivered; with
 * V2M_TEMP it may have been put in nevertheless.  Longer than V2M_MESSAGE_MAX:
 * V2M_DATA.  The queue's name has at most 56 bytes.  published_ms: what the
 * taker is to find there; 0: nothing. */
int v2m_queue_publish(struct v2m_queue *q, const char *queue,
    const char *body, int64_t published_ms, struct v2m_err *err);

/* Take one from any of the named queues (NULL-ended), which take turns where
 * several have some, waiting up to wait_ms, less when a signal comes
 * (base/stop.h).  Returns 1 with *m filled (free it with
 * v2m_queue_message_release()), 0 none, -1. */
int v2m_queue_take(struct v2m_queue *q, const char *const *queues,
    int wait_ms, struct v2m_queue_message *m, struct v2m_err *err);
void v2m_queue_message_release(struct v2m_queue_message *m);

/* Still at work on it: it does not come back before another lease has passed.
 * Where the driver's connection itself says so, nothing happens. */
int v2m_queue_extend(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* Keep the connection alive while nothing else is asked of the queue: cheap,
 * never waits, to be called every few seconds where work takes long. */
void v2m_queue_tend(struct v2m_queue *q);

/* Done with it: it goes, at the latest with the next v2m_queue_take() or with
 * v2m_queue_close().  Here and below, who has lost the message to
 * another taker in the meantime changes nothing, and that is not an error. */
int v2m_queue_ack(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* Give it back, to be delivered again in delay_ms (0: at once). */
int v2m_queue_release(struct v2m_queue *q, const struct v2m_queue_message *m,
    int64_t delay_ms, struct v2m_err *err);

/* It is not a job: move it, unchanged, to the queue NAME.failed. */
int v2m_queue_bury(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* Messages in a queue that nobody has taken, the delayed ones included. */
int v2m_queue_depth(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err);

/* Of these, those that may be taken at once. */
int v2m_queue_ready(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err);

/* Are messages without a priority given out in the order in which they were
 * put in?  1; 0 no, or it is not known; -1. */
int v2m_queue_in_order(struct v2m_queue *q, const char *queue,
    struct v2m_err *err);

/* --- for drivers --- */

struct v2m_queue_ops {
	const char *scheme;
	int (*init)(const struct v2m_conf *conf, struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, struct v2m_err *err);
	void (*close)(void *self);
	int (*publish)(void *self, const char *queue, const char *body,
	    int64_t published_ms, struct v2m_err *err);
	int (*take)(void *self, const char *const *queues, int wait_ms,
	    struct v2m_queue_message *m, struct v2m_err *err);
	int (*extend)(void *self, const struct v2m_queue_message *m,
	    struct v2m_err *err);	/* NULL: nothing to do */
	void (*tend)(void *self);	/* NULL: nothing to do */
	int (*ack)(void *self, const struct v2m_queue_message *m,
	    struct v2m_err *err);
	int (*release)(void *self, const struct v2m_queue_message *m,
	    int64_t delay_ms, struct v2m_err *err);
	int (*bury)(void *self, const struct v2m_queue_message *m,
	    struct v2m_err *err);
	int (*depth)(void *self, const char *queue, int64_t *n,
	    struct v2m_err *err);
	int (*ready)(void *self, const char *queue, int64_t *n,
	    struct v2m_err *err);
	int (*in_order)(void *self, const char *queue,
	    struct v2m_err *err);	/* NULL: always */
};

extern const struct v2m_queue_ops v2m_queue_sqlite;

#endif
