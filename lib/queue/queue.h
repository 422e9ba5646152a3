/* queue.h - durable queues of messages.
 *
 * Messages are delivered at least once, in any order.  A message only says that
 * there is a job; what is to be done is in the record.  A message that was
 * taken and neither settled nor extended comes back by itself.  The scheme of
 * the key `queue` selects the driver.
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

/* The queue of jobs that failed, for our own notifiers only: a foreign one
 * would tell owners that they are done. */
#define V2M_QUEUE_NOTIFY "v2m.notice"

struct v2m_queue;

struct v2m_queue_message {
	char *body;		/* as it came, with a NUL behind */
	size_t length;		/* of it; there may be NULs in it */
	char queue[64];
	int64_t tag;		/* the driver's; means nothing to others */
	int64_t deliveries;	/* how often it was taken, this time included,
				 * as far as the driver knows; at least 1 */
	int64_t published_ms;	/* when it was published, by its publisher's
				 * clock; 0: not known, or it was delivered
				 * before, or came by another queue */
};

struct v2m_queue *v2m_queue_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_queue_close(struct v2m_queue *q);	/* NULL is fine; what was taken
						 * and not settled comes back */

/* Make the queues that the configuration names; safe to repeat. */
int v2m_queue_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Publish a message.  0: it is on disk and will be delivered.  V2M_TEMP: it may
 * have been published nevertheless.  V2M_DATA: it is longer than
 * V2M_MESSAGE_MAX.  The queue's name has at most 56 bytes.  published_ms: for
 * the receiver; 0: none. */
int v2m_queue_publish(struct v2m_queue *q, const char *queue,
    const char *body, int64_t published_ms, struct v2m_err *err);

/* Take a message from one of the queues (NULL-ended); if several have messages,
 * they take turns.  Waits up to wait_ms, less if a signal comes (base/stop.h).
 * 1: *m is filled (free it with v2m_queue_message_release()); 0: there is none;
 * -1. */
int v2m_queue_take(struct v2m_queue *q, const char *const *queues,
    int wait_ms, struct v2m_queue_message *m, struct v2m_err *err);
void v2m_queue_message_release(struct v2m_queue_message *m);

/* Keep the message for another lease.  Does nothing if the driver keeps it as
 * long as the connection. */
int v2m_queue_extend(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* Keep the connection alive while work takes long: to be called every few
 * seconds; it is cheap and never waits. */
void v2m_queue_tend(struct v2m_queue *q);

/* Acknowledge it: it is removed, at the latest with the next v2m_queue_take()
 * or v2m_queue_close().  For this and the next two: if the message was given to
 * another process meanwhile, nothing is changed, and that is not an error. */
int v2m_queue_ack(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* Give it back, to be delivered again in delay_ms (0: at once). */
int v2m_queue_release(struct v2m_queue *q, const struct v2m_queue_message *m,
    int64_t delay_ms, struct v2m_err *err);

/* Move a message that is not a job, unchanged, to the queue NAME.failed. */
int v2m_queue_bury(struct v2m_queue *q, const struct v2m_queue_message *m,
    struct v2m_err *err);

/* The number of messages in a queue that are not taken, with delayed ones. */
int v2m_queue_depth(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err);

/* The same without delayed ones. */
int v2m_queue_ready(struct v2m_queue *q, const char *queue, int64_t *n,
    struct v2m_err *err);

/* Are messages without a priority delivered in the order in which they were
 * published?  1; 0: no, or not known; -1. */
int v2m_queue_in_order(struct v2m_queue *q, const char *queue,
    struct v2m_err *err);

/* If a process takes a message and dies, how long it takes at most until the
 * message comes back, ms. */
int64_t v2m_queue_held_ms(const struct v2m_queue *q);

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
	int64_t (*held_ms)(const void *self);	/* NULL: it comes back with the
						 * end of the connection */
};

extern const struct v2m_queue_ops v2m_queue_sqlite;

#endif
