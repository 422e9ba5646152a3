/* amqp.h - what the files of the RabbitMQ driver share; nobody else needs it.
 *
 * endpoint.c reads the configuration, connect.c makes a connection and link.c
 * keeps it, content.c copies what messages hold, publish.c puts them in and
 * waits for the confirmation, take.c gets them out, order.c asks in which order
 * they come, driver.c settles them and is the driver.  rabbitmq-c speaks the
 * protocol.
 *
 * A handle has two connections, because a broker that is short of memory
 * stops reading from those that publish: `in` takes and settles, `out`
 * publishes and asks.  Each is made when it is first needed, and again when
 * it was lost.  All of a handle belongs to one thread, and every wait in it
 * has an end.
 */
#ifndef V2M_QUEUE_AMQP_H
#define V2M_QUEUE_AMQP_H

#if defined(__has_include) && __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif
#include <stdbool.h>
#include <stdint.h>

#include "base/url.h"
#include "queue/queue.h"

#define V2M_AMQP_CONNECT_MS 5000	/* to connect, and again to log in */
#define V2M_AMQP_ANSWER_MS 10000	/* for any answer after that */
#define V2M_AMQP_CHANNEL 1		/* the only one of a connection */
#define V2M_AMQP_NAME 80		/* of a queue of ours, with the NUL */
#define V2M_AMQP_CONSUMERS 8		/* queues that are waited for at once */

/* The steps of delay: a queue for each, where messages wait until they are
 * dead-lettered back.  A delay is made of one or several. */
#define V2M_AMQP_STEPS 4
struct v2m_amqp_step {
	const char *suffix;
	int32_t ms;
};
extern const struct v2m_amqp_step v2m_amqp_steps[V2M_AMQP_STEPS];

/* --- endpoint.c --- */

/* Where the broker, or the nodes of it, are, and how to talk to it. */
struct v2m_amqp_endpoint {
	struct v2m_url url;		/* user and password are set */
	struct v2m_hosts hosts;		/* any will do; with names and ports */
	const char *vhost;
	bool tls, quorum;
	char *ca_file, *cert_file, *key_file;	/* "" for none */
};

/* V2M_CONFIG, V2M_TEMP.  On failure endpoint is released. */
int v2m_amqp_endpoint_load(struct v2m_amqp_endpoint *endpoint,
    const struct v2m_conf *conf, struct v2m_err *err);
void v2m_amqp_endpoint_release(struct v2m_amqp_endpoint *endpoint);

/* Which host worked last, for all connections of the process. */
extern v2m_hosts_last v2m_amqp_last_host;

struct v2m_amqp_link;

/* The connection was lost: the next is made to another host first. */
void v2m_amqp_turn(const struct v2m_amqp_link *l);

/* --- link.c --- */

/* A connection with its channel. */
struct v2m_amqp_link {
	const struct v2m_amqp_endpoint *endpoint;	/* borrowed */
	size_t host;			/* of the endpoint: where it is now */
	bool confirms;			/* for publishing, else for taking */
	amqp_connection_state_t state;	/* NULL: not connected */
	bool open;			/* the channel is */
	uint64_t channels;		/* how many were opened so far: what was
					 * of another is void */
	uint64_t published;		/* on this channel */
	bool blocked;			/* the broker takes nothing now, */
	char why_blocked[128];		/* because */
	char doing[160];		/* "take from the queue 'video'" */
};

/* Say what is about to be done, for the messages of all errors of it. */
void v2m_amqp_doing(struct v2m_amqp_link *l, const char *what,
    const char *queue);

/* "host:port" of where it is, or was tried last. */
const char *v2m_amqp_where(const struct v2m_amqp_link *l);

/* End it: with a farewell that may take two seconds, or at once. */
void v2m_amqp_close(struct v2m_amqp_link *l);
void v2m_amqp_drop(struct v2m_amqp_link *l);

/* What the library's last call came to: 0; or -1 with the connection dropped,
 * or its channel closed where only that is so.  *code, unless NULL, becomes
 * the broker's reply code (404, ...) or 0. */
int v2m_amqp_check(struct v2m_amqp_link *l, amqp_rpc_reply_t reply, int *code,
    struct v2m_err *err);

/* The library reported a status that is none of success: drops. */
int v2m_amqp_lost(struct v2m_amqp_link *l, int status, struct v2m_err *err);

/* The next frame that the link does not deal with itself, until a moment
 * (v2m_mono_ms()), or a signal where it may wake.  Frames are good until
 * v2m_amqp_tidy().  1, 0 none, -1: connection or channel are lost. */
int v2m_amqp_next(struct v2m_amqp_link *l, int64_t until, bool may_wake,
    amqp_frame_t *frame, struct v2m_err *err);

/* Give back the memory of frames that were read. */
void v2m_amqp_tidy(struct v2m_amqp_link *l);

/* Answer and read what has come, without waiting, where connected: heartbeats,
 * and the end of the connection.  To be called a few times a minute. */
void v2m_amqp_tend(struct v2m_amqp_link *l);

/* --- connect.c --- */

/* Make what is missing of connection and channel, at the first host that lets
 * us in: they share what two waits of V2M_AMQP_CONNECT_MS take.  1 where
 * something was, 0, -1: V2M_TEMP, V2M_CONFIG, V2M_DENIED. */
int v2m_amqp_connect(struct v2m_amqp_link *l, struct v2m_err *err);

/* --- content.c --- */

/* What stands behind a delivery.  Zeroed: none. */
struct v2m_amqp_content {
	amqp_pool_t pool;		/* holds the properties */
	bool has_pool;
	amqp_basic_properties_t properties;	/* those that are passed on */
	int64_t delivered;		/* times, before, as headers say */
	int64_t rest_ms;		/* of its delay */
	bool counted;			/* by the broker, in delivered */
	int64_t published_ms;		/* 0: unknown, or it came through
					 * another queue */
	char *body;			/* NUL behind; NULL: too large for us */
	size_t length;
};

/* Read header and body from the link. */
int v2m_amqp_content_read(struct v2m_amqp_content *c, struct v2m_amqp_link *l,
    struct v2m_err *err);
void v2m_amqp_content_release(struct v2m_amqp_content *c);

/* The properties with which a message goes on: its own, persistent, and, with
 * delivered >= 0, our headers on its way through a wait queue: when it leaves
 * that (wall ms), and what is left of its delay then.  Good as long as c.
 * V2M_TEMP. */
int v2m_amqp_content_onward(struct v2m_amqp_content *c, int64_t delivered,
    int64_t until_ms, int64_t rest_ms, amqp_basic_properties_t *out,
    struct v2m_err *err);

/* The header that says when a message was published. */
amqp_table_entry_t v2m_amqp_published(int64_t published_ms);

/* --- publish.c --- */

/* Publish, persistent, and wait until the broker has it on disk.  make: what
 * is missing is declared (a queue of ours: .failed, .wait.*). */
int v2m_amqp_publish(struct v2m_amqp_link *out, const char *queue,
    amqp_bytes_t body, const amqp_basic_properties_t *properties, bool make,
    struct v2m_err *err);

/* The queue is there when this succeeds; one that was there before stays as
 * it is, whatever its arguments. */
int v2m_amqp_make(struct v2m_amqp_link *out, const char *queue,
    struct v2m_err *err);

/* Messages that wait in a queue.  1, 0 where there is none of that name. */
int v2m_amqp_count(struct v2m_amqp_link *out, const char *queue, int64_t *n,
    struct v2m_err *err);

/* --- order.c --- */

/* v2m_queue_ops.in_order: RabbitMQ names a queue's arguments only to who
 * declares it otherwise, which an account without the right to configure it may
 * not: then it is not known. */
int v2m_amqp_in_order(void *self, const char *queue, struct v2m_err *err);

/* --- take.c --- */

/* A message that was taken and not settled yet. */
struct v2m_amqp_held {
	struct v2m_amqp_held *next;
	int64_t tag;			/* of the v2m_queue_message */
	uint64_t channel, delivery;	/* link's channels, broker's tag */
	struct v2m_amqp_content content;	/* its body went to the taker */
};

struct v2m_amqp {
	struct v2m_amqp_endpoint endpoint;
	struct v2m_amqp_link in, out;
	struct v2m_amqp_held *held;
	int64_t takes;			/* tags so far */
	size_t turn;			/* which queue is looked at first */
	char waiting[V2M_AMQP_CONSUMERS][64];	/* queues with a consumer */
	size_t nwaiting;
	uint64_t waiting_channel;
	bool unsettled;			/* settled, but not known to have got
					 * through */
};

int v2m_amqp_take(void *self, const char *const *queues, int wait_ms,
    struct v2m_queue_message *m, struct v2m_err *err);

/* Publish a copy, which is ours to move, to where it waits or is buried. */
int v2m_amqp_delay(struct v2m_amqp *q, const char *queue, amqp_bytes_t body,
    struct v2m_amqp_content *c, int64_t delivered, int64_t delay_ms,
    struct v2m_err *err);
int v2m_amqp_put_aside(struct v2m_amqp *q, const char *queue,
    amqp_bytes_t body, struct v2m_amqp_content *c, struct v2m_err *err);

/* Settle a delivery; a link that is lost meanwhile settles it as well. */
void v2m_amqp_ack(struct v2m_amqp *q, uint64_t delivery);
void v2m_amqp_requeue(struct v2m_amqp *q, uint64_t delivery);

#endif
