/* amqp.h - what the files of the RabbitMQ driver share; for them alone.
 *
 * endpoint.c reads the configuration, connect.c makes a connection, link.c uses
 * it, content.c copies the content of messages, publish.c publishes them and
 * waits for the confirmation, take.c takes them, order.c finds out whether a
 * queue keeps the order, driver.c settles them and has the driver's table of
 * functions.  The protocol itself is rabbitmq-c's work.
 *
 * A handle has two connections: `in` takes and settles messages, `out`
 * publishes and asks.  They are two because a broker that is short of memory
 * stops reading from connections that publish.  Each is made when it is first
 * needed, and renewed when it is lost.  A handle belongs to one thread, and
 * every wait in it has a limit.
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
#define V2M_AMQP_ANSWER_MS 10000	/* for any other answer */
#define V2M_AMQP_CHANNEL 1		/* each connection has only this one */
#define V2M_AMQP_NAME 80		/* of a queue of ours, with the NUL */
#define V2M_AMQP_CONSUMERS 8		/* queues waited for at once, at most */

/* The steps of delays.  Each step has a queue where messages wait until they
 * are dead-lettered back.  A delay consists of one or more steps. */
#define V2M_AMQP_STEPS 4
struct v2m_amqp_step {
	const char *suffix;
	int32_t ms;
};
extern const struct v2m_amqp_step v2m_amqp_steps[V2M_AMQP_STEPS];

/* --- endpoint.c --- */

/* Where the broker or its nodes are, and how to connect. */
struct v2m_amqp_endpoint {
	struct v2m_url url;		/* user and password are set */
	struct v2m_hosts hosts;		/* equal; with names and ports */
	const char *vhost;
	bool tls, quorum;
	char *ca_file, *cert_file, *key_file;	/* "": none */
};

/* V2M_CONFIG, V2M_TEMP.  After an error, endpoint is released. */
int v2m_amqp_endpoint_load(struct v2m_amqp_endpoint *endpoint,
    const struct v2m_conf *conf, struct v2m_err *err);
void v2m_amqp_endpoint_release(struct v2m_amqp_endpoint *endpoint);

/* The host that worked last; all connections of the process share it. */
extern v2m_hosts_last v2m_amqp_last_host;

struct v2m_amqp_link;

/* The connection was lost: the next one tries another host first. */
void v2m_amqp_turn(const struct v2m_amqp_link *l);

/* --- link.c --- */

/* A connection with its channel. */
struct v2m_amqp_link {
	const struct v2m_amqp_endpoint *endpoint;	/* borrowed */
	size_t host;			/* index in endpoint->hosts */
	bool confirms;			/* it publishes; false: it takes */
	amqp_connection_state_t state;	/* NULL: not connected */
	bool open;			/* the channel is open */
	uint64_t channels;		/* how many were opened so far: tags of
					 * earlier ones are void */
	uint64_t published;		/* messages on this channel */
	bool blocked;			/* the broker takes no messages now */
	char why_blocked[128];		/* the reason it gave */
	char doing[160];		/* "take from the queue 'video'" */
};

/* Set what is about to be done, for error messages. */
void v2m_amqp_doing(struct v2m_amqp_link *l, const char *what,
    const char *queue);

/* "host:port" of the connection, or of the last try. */
const char *v2m_amqp_where(const struct v2m_amqp_link *l);

/* Close it: in order, which may take two seconds; or at once (drop). */
void v2m_amqp_close(struct v2m_amqp_link *l);
void v2m_amqp_drop(struct v2m_amqp_link *l);

/* The result of the library's last call: 0; or -1, and the connection is
 * dropped, or only the channel is closed if the broker closed only that.
 * *code, unless NULL, becomes the broker's reply code (404, ...)  or 0. */
int v2m_amqp_check(struct v2m_amqp_link *l, amqp_rpc_reply_t reply, int *code,
    struct v2m_err *err);

/* The library reported an error: drop the connection.  Returns -1. */
int v2m_amqp_lost(struct v2m_amqp_link *l, int status, struct v2m_err *err);

/* The next frame that is not for the link itself.  Waits until the time `until`
 * (v2m_mono_ms()), or for a signal if may_wake.  A frame is valid until
 * v2m_amqp_tidy().  1; 0: none; -1: the connection or channel is lost. */
int v2m_amqp_next(struct v2m_amqp_link *l, int64_t until, bool may_wake,
    amqp_frame_t *frame, struct v2m_err *err);

/* Free the memory of the frames read so far. */
void v2m_amqp_tidy(struct v2m_amqp_link *l);

/* If connected, read what has come and send heartbeats, without waiting.  To be
 * called a few times a minute. */
void v2m_amqp_tend(struct v2m_amqp_link *l);

/* --- connect.c --- */

/* Make the connection and the channel, if they are missing, at the first host
 * that accepts us.  All hosts together have twice V2M_AMQP_CONNECT_MS.  1:
 * something was missing; 0; -1: V2M_TEMP, V2M_CONFIG, V2M_DENIED. */
int v2m_amqp_connect(struct v2m_amqp_link *l, struct v2m_err *err);

/* --- content.c --- */

/* The content of a message.  All zero: none. */
struct v2m_amqp_content {
	amqp_pool_t pool;		/* holds the properties */
	bool has_pool;
	amqp_basic_properties_t properties;	/* those that are passed on */
	int64_t delivered;		/* how often before, by its headers */
	int64_t rest_ms;		/* of its delay */
	bool counted;			/* the broker counted `delivered` */
	int64_t published_ms;		/* 0: unknown, or it came through
					 * another queue */
	char *body;			/* ends with NUL; NULL: too large */
	size_t length;
};

/* Read header and body from the link. */
int v2m_amqp_content_read(struct v2m_amqp_content *c, struct v2m_amqp_link *l,
    struct v2m_err *err);
void v2m_amqp_content_release(struct v2m_amqp_content *c);

/* The properties of a message for another queue: its own, and persistent.  With
 * delivered >= 0 it goes to a wait queue, and gets our headers: when it leaves
 * that queue (wall ms), and what is left of its delay then.  Valid as long as
 * c.  V2M_TEMP. */
int v2m_amqp_content_onward(struct v2m_amqp_content *c, int64_t delivered,
    int64_t until_ms, int64_t rest_ms, amqp_basic_properties_t *out,
    struct v2m_err *err);

/* The header that says when a message was published. */
amqp_table_entry_t v2m_amqp_published(int64_t published_ms);

/* --- publish.c --- */

/* Publish as persistent, and wait until the broker has it on disk.  make:
 * declare the queue if it is missing (one of ours: .failed, .wait.*). */
int v2m_amqp_publish(struct v2m_amqp_link *out, const char *queue,
    amqp_bytes_t body, const amqp_basic_properties_t *properties, bool make,
    struct v2m_err *err);

/* Declare the queue, unless it exists; then its arguments do not matter. */
int v2m_amqp_make(struct v2m_amqp_link *out, const char *queue,
    struct v2m_err *err);

/* The number of messages that wait in a queue.  1; 0: there is no such
 * queue. */
int v2m_amqp_count(struct v2m_amqp_link *out, const char *queue, int64_t *n,
    struct v2m_err *err);

/* --- order.c --- */

/* v2m_queue_ops.in_order.  RabbitMQ tells a queue's arguments only when it is
 * declared with others.  An account without the right to configure the queue
 * may not do that: then the answer is "not known". */
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
	int64_t takes;			/* tags given so far */
	size_t turn;			/* index of the queue to ask first */
	char waiting[V2M_AMQP_CONSUMERS][64];	/* queues with a consumer */
	size_t nwaiting;
	uint64_t waiting_channel;
	bool unsettled;			/* a message was settled, and the broker
					 * may not know it yet */
};

int v2m_amqp_take(void *self, const char *const *queues, int wait_ms,
    struct v2m_queue_message *m, struct v2m_err *err);

/* Publish a copy of the message to the queue where it waits, or to that of
 * invalid messages. */
int v2m_amqp_delay(struct v2m_amqp *q, const char *queue, amqp_bytes_t body,
    struct v2m_amqp_content *c, int64_t delivered, int64_t delay_ms,
    struct v2m_err *err);
int v2m_amqp_put_aside(struct v2m_amqp *q, const char *queue,
    amqp_bytes_t body, struct v2m_amqp_content *c, struct v2m_err *err);

/* Settle a delivery.  If the connection is lost, that returns it too. */
void v2m_amqp_ack(struct v2m_amqp *q, uint64_t delivery);
void v2m_amqp_requeue(struct v2m_amqp *q, uint64_t delivery);

#endif
