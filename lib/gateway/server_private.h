/* server_private.h - what the files of the server share; routes do not need
 * it. */
#ifndef V2M_GATEWAY_SERVER_PRIVATE_H
#define V2M_GATEWAY_SERVER_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/components.h"
#include "gateway/counters.h"
#include "gateway/server.h"
#include "http/fields.h"
#include "http/forwarded.h"
#include "http/ip.h"
#include "http/query.h"

#define V2M_HEADER_MAX (16 << 10)	/* bytes of a request's header */
#define V2M_TARGET_MAX (8 << 10)	/* of its target */
/* Memory of libmicrohttpd for a connection: the header, the header of the
 * answer, and (one half of it) the buffer for uploads. */
#define V2M_CONN_MEMORY (128 << 10)

struct v2m_server;

struct v2m_listener {
	struct v2m_server *server;
	int fd;			/* -1: closed, or there is none */
	bool metrics, tls;
	struct MHD_Daemon *daemon;
	char address[64];	/* as it is bound, for the log */
};

/* What the peer of a connection has to do next. */
enum v2m_phase {
	V2M_PHASE_HEADER,	/* send a request, or nothing more */
	V2M_PHASE_BUSY,		/* nothing: it is our turn */
	V2M_PHASE_BODY,		/* send more of the body */
	V2M_PHASE_REPLY,	/* read the answer */
};

struct v2m_conn {
	struct v2m_conn *next;
	struct v2m_listener *listener;
	int fd;			/* our own of the socket: closed last */
	int mhd_fd;		/* MHD's; a key until it has started */
	struct v2m_ip peer;
	struct v2m_ip rate_key;	/* by which it is counted */
	bool has_rate_key;	/* it is counted */
	bool started, closed;	/* as MHD told */

	/* Set by its thread, read by the watchdog. */
	atomic_int phase;
	atomic_llong since_ms;	/* when PHASE_HEADER began */
	atomic_ullong requests;	/* that began */
	atomic_ullong body;	/* bytes of bodies */
	atomic_bool cut;	/* ended by the watchdog */

	/* The watchdog's: how long it has waited for the peer, and how many
	 * bytes had been transferred when that began. */
	struct {
		unsigned long long request;
		bool write;
		int64_t waited_ms;
		uint64_t base;
	} window;
	int64_t quiet_ms;	/* since when no answer is being sent */
	int64_t linger_until_ms, linger_idle_ms;
};

struct v2m_server {
	const struct v2m_conf *conf;
	struct v2m_components parts;
	struct v2m_listener main, metrics;
	struct v2m_networks trusted;
	enum v2m_forwarded proxy_header;
	int max_connections, max_per_address;
	int64_t header_ms, rate_ms, rate;
	atomic_bool draining;

	pthread_mutex_t lock;	/* of what follows, and of rate keys */
	struct v2m_conn *conns;
	int nconns;
	struct v2m_conn *lingering;
	int nlingering;		/* of accepted connections */
	int nrefused;		/* of refused ones */
	int wake_fd;		/* an eventfd: lingering has changed */

	/* Only for the loop: connections refused since the last line of the
	 * log about that. */
	int64_t refused_ms;
	unsigned long refused;
};

enum { V2M_RQ_HEADERS = 24, V2M_RQ_NOTES = 6 };

struct v2m_rq {
	struct v2m_server *server;
	struct v2m_conn *conn;
	struct MHD_Connection *mhd;
	const struct v2m_route *route;
	bool begun;		/* the header was looked at */
	bool entered;		/* release is owed to the route */
	bool http_1_1;
	char id[65], ip[V2M_IP_TEXT], rate_key[V2M_IP_TEXT];
	char prefix[V2M_PREFIX_MAX];

	char method[24];
	char *target;		/* as it came */
	const char *target_end;	/* MHD's, see header.c */
	char *path;		/* decoded */
	struct v2m_query query;
	struct v2m_http_field *fields;
	size_t nfields;
	int64_t length, body;	/* announced, and read */
	uint64_t header_bytes, out_base;
	int64_t start_ms;

	int status;		/* 0: no answer yet */
	bool close;		/* end the connection behind it */
	bool sent_raw, aborted;
	struct MHD_Response *response;	/* NULL: text */
	char *text;
	size_t text_n;
	struct {
		const char *name;
		char *value;
	} headers[V2M_RQ_HEADERS];
	size_t nheaders;

	void *state;
	struct {
		const char *key;
		char value[128];
	} notes[V2M_RQ_NOTES];
	size_t nnotes;
};

/* --- connections (connections.c) --- */

/* A socket was accepted: count it and watch it.  NULL: it was refused and
 * closed. */
struct v2m_conn *v2m_conn_accept(struct v2m_listener *l, int fd,
    const struct sockaddr *sa);

/* libmicrohttpd (MHD) did not take the connection: forget it. */
void v2m_conn_drop(struct v2m_conn *c);

/* The same in two steps: unlink while s->lock is held, so that MHD cannot take
 * the connection meanwhile; free after that.  NULL is fine. */
void v2m_conn_unlink(struct v2m_server *s, const struct v2m_conn *c);
void v2m_conn_free(struct v2m_conn *c);

/* MHD_NotifyConnectionCallback; cls is the listener. */
void v2m_conn_notify(void *cls, struct MHD_Connection *mhd,
    void **socket_context, enum MHD_ConnectionNotificationCode what);

/* While a request of a proxy lasts, count the connection by this key.  false:
 * there are too many with this key. */
bool v2m_conn_claim(struct v2m_conn *c, const struct v2m_ip *rate_key);
void v2m_conn_unclaim(struct v2m_conn *c);

void v2m_conn_phase(struct v2m_conn *c, enum v2m_phase phase);

/* The number of bytes written to the socket so far; 0: not known. */
uint64_t v2m_conn_written(const struct v2m_conn *c);

/* --- the watchdog (watchdog.c); all from the loop's thread --- */

/* Check all connections; call about twice a second. */
void v2m_watch(struct v2m_server *s, int64_t now_ms, int64_t passed_ms);

/* End the connections that only wait for another request; or all. */
void v2m_watch_end(struct v2m_server *s, bool all);

/* --- closing slowly (linger.c); the loop's thread --- */

/* Send text to a connection that is refused, then close it. */
void v2m_linger_refuse(struct v2m_server *s, int fd, const char *text);

/* Read and drop what comes after an answer, so that the answer is not lost by a
 * reset. */
void v2m_linger(struct v2m_server *s, int64_t now_ms);

/* Close all lingering connections. */
void v2m_linger_end(struct v2m_server *s);

/* --- requests (request.c), as MHD wants them --- */

void *v2m_rq_new(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result v2m_rq_handle(void *cls, struct MHD_Connection *mhd,
    const char *url, const char *method, const char *version,
    const char *data, size_t *size, void **rq);
void v2m_rq_completed(void *cls, struct MHD_Connection *mhd, void **rq,
    enum MHD_RequestTerminationCode how);

/* --- the header (header.c) --- */

/* Read the header, in the first call of the handler: fields, target, client.
 * false: answered. */
bool v2m_rq_read_header(struct v2m_rq *rq, const char *version);

/* --- answers --- */

/* Add a header field unless the route has set it (reply.c). */
void v2m_rq_reply_default(struct v2m_rq *rq, const char *name,
    const char *value);

/* Add the fields of every answer, and those of CORS, and pass it to MHD
 * (send.c). */
enum MHD_Result v2m_rq_send(struct v2m_rq *rq);

/* Write the answer to the socket ourselves, in the middle of a body, where MHD
 * does not accept one; the connection must be ended then. */
void v2m_rq_send_raw(struct v2m_rq *rq);

/* reply.c */
void v2m_rq_reply_release(struct v2m_rq *rq);

/* --- the log of requests (access_log.c) --- */

void v2m_rq_log(const struct v2m_rq *rq, int status, uint64_t out);

/* --- listening (listen.c) --- */

/* Take the socket that systemd passed for key, or bind the address of key; if
 * that is empty, fd stays -1. */
int v2m_listen(struct v2m_listener *l, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err);

#endif
