/* amqp_link_module.c - a connection to the broker that cannot hang.
 *
 * The library waits without end when it sends and nobody reads; so the socket
 * gives up by itself (TCP_USER_TIMEOUT), and all that is sent fits its
 * buffer.  Waiting for frames is done here, in slices, with the heartbeats in
 * between. */
#include "queue/amqp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/stop.h"

#define HEARTBEAT_S 60
#define FAREWELL_S 2
#define SLICE_MS 1000		/* longest sleep between heartbeats */
#define FRAME_MAX 131072
#define SEND_BUFFER 1048576	/* as much of it as the system grants */

void
v2m_amqp_doing(struct v2m_amqp_link *l, const char *what, const char *queue)
{
	if (queue == NULL)
		snprintf(l->doing, sizeof l->doing, "%s", what);
	else
		snprintf(l->doing, sizeof l->doing, "%s the queue '%s'", what,
		    queue);
}

void
v2m_amqp_drop(struct v2m_amqp_link *l)
{
	if (l->state != NULL)
		amqp_destroy_connection(l->state);
	l->state = NULL;
	l->open = false;
	l->blocked = false;
}

void
v2m_amqp_close(struct v2m_amqp_link *l)
{
	const struct timeval most = { .tv_sec = FAREWELL_S };

	/* A broker that is blocked does not read the farewell. */
	if (l->state != NULL && !l->blocked) {
		amqp_set_rpc_timeout(l->state, &most);
		amqp_connection_close(l->state, AMQP_REPLY_SUCCESS);
	}
	v2m_amqp_drop(l);
}

/* --- errors --- */

static const char *
words_of(int status)
{
	switch (status) {
	case AMQP_STATUS_SOCKET_ERROR:
	case AMQP_STATUS_TCP_ERROR:
	case AMQP_STATUS_SSL_ERROR:
	case AMQP_STATUS_CONNECTION_CLOSED:
	case AMQP_STATUS_SOCKET_CLOSED:
		return "the connection was lost";
	case AMQP_STATUS_TIMEOUT:
		return "no answer in time; is the broker overloaded?";
	case AMQP_STATUS_HEARTBEAT_TIMEOUT:
		return "the broker gives no sign of life";
	default:
		return amqp_error_string2(status);
	}
}

int
v2m_amqp_lost(struct v2m_amqp_link *l, int status, struct v2m_err *err)
{
	v2m_err_set(err, V2M_TEMP, "cannot %s at RabbitMQ on %s: %s", l->doing,
	    l->place->name, words_of(status));
	v2m_amqp_drop(l);
	return -1;
}

/* Would it help to try again?  A queue that is missing may be made, or its
 * node come back. */
static enum v2m_code
code_of(int reply, const char *text)
{
	switch (reply) {
	case AMQP_ACCESS_REFUSED:
		return V2M_DENIED;
	case AMQP_NOT_ALLOWED:
		if (strstr(text, "limit") != NULL)
			return V2M_TEMP;
		return strstr(text, "not found") != NULL ? V2M_CONFIG :
		    V2M_DENIED;
	case AMQP_NOT_IMPLEMENTED:
		return V2M_UNAVAILABLE;
	default:
		return V2M_TEMP;
	}
}

static int
refused(const struct v2m_amqp_link *l, int reply, amqp_bytes_t text,
    struct v2m_err *err)
{
	char words[256];

	snprintf(words, sizeof words, "%.*s", (int)(text.len < sizeof words ?
	    text.len : sizeof words - 1), text.len == 0 ? "" :
	    (const char *)text.bytes);
	return v2m_err_set(err, code_of(reply, words),
	    "cannot %s at RabbitMQ on %s: %s%s", l->doing, l->place->name,
	    words, reply == AMQP_NOT_FOUND ? " (v2m-init makes it)" : "");
}

/* The broker closed the connection, or only the channel. */
static int
on_close(struct v2m_amqp_link *l, const amqp_method_t *m, int *code,
    struct v2m_err *err)
{
	if (m->id == AMQP_CHANNEL_CLOSE_METHOD) {
		const amqp_channel_close_t *c = m->decoded;
		amqp_channel_close_ok_t yes = { 0 };

		*code = c->reply_code;
		refused(l, c->reply_code, c->reply_text, err);
		l->open = false;
		if (amqp_send_method(l->state, V2M_AMQP_CHANNEL,
		    AMQP_CHANNEL_CLOSE_OK_METHOD, &yes) < 0)
			v2m_amqp_drop(l);
	} else if (m->id == AMQP_CONNECTION_CLOSE_METHOD) {
		const amqp_connection_close_t *c = m->decoded;
		amqp_connection_close_ok_t yes = { 0 };

		*code = c->reply_code;
		refused(l, c->reply_code, c->reply_text, err);
		amqp_send_method(l->state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD,
		    &yes);
		v2m_amqp_drop(l);
	} else {
		return v2m_amqp_lost(l, AMQP_STATUS_UNEXPECTED_STATE, err);
	}
	return -1;
}

int
v2m_amqp_check(struct v2m_amqp_link *l, amqp_rpc_reply_t reply, int *code,
    struct v2m_err *err)
{
	int unwanted;

	if (code == NULL)
		code = &unwanted;
	*code = 0;
	switch (reply.reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return 0;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		return on_close(l, &reply.reply, code, err);
	default:
		return v2m_amqp_lost(l, reply.library_error, err);
	}
}

/* --- connecting --- */

static int
cannot_connect(struct v2m_amqp_link *l, int status, struct v2m_err *err)
{
	enum v2m_code code = V2M_TEMP;
	const char *why;

	switch (status) {
	case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
		why = "nobody knows the name of that host";
		break;
	case AMQP_STATUS_SOCKET_ERROR:
		why = "nobody answers there; is it running?";
		break;
	case AMQP_STATUS_TIMEOUT:
		why = "no answer in time";
		break;
	case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
		code = V2M_CONFIG;
		why = "its certificate is signed by nobody we trust (see "
		    "queue_ca_file)";
		break;
	case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
		code = V2M_CONFIG;
		why = "its certificate is for another name";
		break;
	case AMQP_STATUS_SSL_ERROR:
	case AMQP_STATUS_SSL_CONNECTION_FAILED:
		why = "TLS failed (is that its port for TLS, and its "
		    "certificate signed by whom queue_ca_file names?)";
		break;
	default:
		why = amqp_error_string2(status);
	}
	v2m_err_set(err, code, "cannot connect to RabbitMQ on %s: %s",
	    l->place->name, why);
	v2m_amqp_drop(l);
	return -1;
}

static int
trust(const struct v2m_amqp_place *place, amqp_socket_t *s)
{
	if (place->ca_file[0] != '\0')
		return amqp_ssl_socket_set_cacert(s, place->ca_file);
#if AMQP_VERSION >= AMQP_VERSION_CODE(0, 14, 0, 0)
	return amqp_ssl_socket_enable_default_verify_paths(s);
#else
	/* Without a list that old one trusts nobody. */
	return amqp_ssl_socket_set_cacert(s,
	    "/etc/ssl/certs/ca-certificates.crt");
#endif
}

static amqp_socket_t *
new_socket(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct v2m_amqp_place *place = l->place;
	amqp_socket_t *s = place->tls ? amqp_ssl_socket_new(l->state) :
	    amqp_tcp_socket_new(l->state);

	if (s == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory for a connection");
		return NULL;
	}
	if (!place->tls)
		return s;
	amqp_ssl_socket_set_verify_peer(s, 1);
	amqp_ssl_socket_set_verify_hostname(s, 1);
	if (amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2,
	    AMQP_TLSvLATEST) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue: this machine has no "
		    "TLS 1.2");
		return NULL;
	}
	if (trust(place, s) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue_ca_file: no certificates "
		    "(PEM) in '%s'", place->ca_file[0] == '\0' ?
		    "the list of the system" : place->ca_file);
		return NULL;
	}
	if (place->cert_file[0] != '\0' && amqp_ssl_socket_set_key(s,
	    place->cert_file, place->key_file) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue_cert_file: '%s' and its "
		    "key in '%s' are no pair (PEM)", place->cert_file,
		    place->key_file);
		return NULL;
	}
	return s;
}

/* What the network may do to a connection. */
static void
set_options(int fd)
{
	const unsigned give_up_ms = V2M_AMQP_ANSWER_MS;
	const int on = 1, idle_s = 20, pause_s = 5, tries = 3;
	const int buffer = SEND_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up_ms,
	    sizeof give_up_ms);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &pause_s, sizeof pause_s);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
}

static amqp_table_entry_t
entry(const char *key, uint8_t kind)
{
	amqp_table_entry_t e;

	memset(&e, 0, sizeof e);
	e.key = amqp_cstring_bytes(key);
	e.value.kind = kind;
	return e;
}

/* Tell the broker who we are, for its list of connections, and that we want
 * to hear when a queue is deleted under us or publishing is stopped. */
static int
log_in(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct v2m_amqp_place *place = l->place;
	amqp_table_entry_t able[2], about[2];
	amqp_table_t properties = { 2, about };
	char name[80];
	amqp_rpc_reply_t reply;

	able[0] = entry("consumer_cancel_notify", AMQP_FIELD_KIND_BOOLEAN);
	able[1] = entry("connection.blocked", AMQP_FIELD_KIND_BOOLEAN);
	able[0].value.value.boolean = able[1].value.value.boolean = 1;
	about[0] = entry("capabilities", AMQP_FIELD_KIND_TABLE);
	about[0].value.value.table.num_entries = 2;
	about[0].value.value.table.entries = able;
	snprintf(name, sizeof name, "%s %s", program_invocation_short_name,
	    l->confirms ? "publishes" : "takes");
	about[1] = entry("connection_name", AMQP_FIELD_KIND_UTF8);
	about[1].value.value.bytes = amqp_cstring_bytes(name);
	v2m_amqp_doing(l, "log in", NULL);
	reply = amqp_login_with_properties(l->state, place->vhost, 16,
	    FRAME_MAX, HEARTBEAT_S, &properties, AMQP_SASL_METHOD_PLAIN,
	    place->url.user, place->url.password);
	if (v2m_amqp_check(l, reply, NULL, err) == 0)
		return 0;
	return err->code == V2M_DENIED ? v2m_err_prefix(err, "user '%s'",
	    place->url.user) : -1;
}

static int
connect_now(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct timeval connect = { .tv_sec = V2M_AMQP_CONNECT_MS / 1000 };
	const struct timeval answer = { .tv_sec = V2M_AMQP_ANSWER_MS / 1000 };
	amqp_socket_t *s;
	int status;

	l->state = amqp_new_connection();
	if (l->state == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory for a "
		    "connection");
	s = new_socket(l, err);
	if (s == NULL) {
		v2m_amqp_drop(l);
		return -1;
	}
	amqp_set_handshake_timeout(l->state, &connect);
	amqp_set_rpc_timeout(l->state, &answer);
	status = amqp_socket_open_noblock(s, l->place->url.host,
	    l->place->url.port, &connect);
	if (status != AMQP_STATUS_OK)
		return cannot_connect(l, status, err);
	set_options(amqp_get_sockfd(l->state));
	return log_in(l, err);
}

static int
open_channel(struct v2m_amqp_link *l, struct v2m_err *err)
{
	v2m_amqp_doing(l, "open a channel", NULL);
	amqp_channel_open(l->state, V2M_AMQP_CHANNEL);
	if (v2m_amqp_check(l, amqp_get_rpc_reply(l->state), NULL, err) < 0)
		return -1;
	l->open = true;
	l->channels++;
	l->published = 0;
	if (l->confirms)
		amqp_confirm_select(l->state, V2M_AMQP_CHANNEL);
	else
		amqp_basic_qos(l->state, V2M_AMQP_CHANNEL, 0, 1, 0);
	return v2m_amqp_check(l, amqp_get_rpc_reply(l->state), NULL, err);
}

int
v2m_amqp_connect(struct v2m_amqp_link *l, struct v2m_err *err)
{
	v2m_amqp_tend(l);
	if (l->state != NULL && l->open)
		return 0;
	if ((l->state == NULL && connect_now(l, err) < 0) ||
	    open_channel(l, err) < 0) {
		v2m_amqp_drop(l);
		return -1;
	}
	return 1;
}

/* --- frames --- */

void
v2m_amqp_tidy(struct v2m_amqp_link *l)
{
	if (l->state != NULL)
		amqp_maybe_release_buffers(l->state);
}

static void
note_blocked(struct v2m_amqp_link *l, const amqp_connection_blocked_t *m)
{
	l->blocked = true;
	snprintf(l->why_blocked, sizeof l->why_blocked, "%.*s",
	    (int)m->reason.len, m->reason.len == 0 ? "" :
	    (const char *)m->reason.bytes);
}

/* What concerns the link itself: 1 it is dealt with, 0 it is the caller's,
 * -1 it was the end. */
static int
control(struct v2m_amqp_link *l, const amqp_frame_t *f, struct v2m_err *err)
{
	int code;

	if (f->frame_type != AMQP_FRAME_METHOD)
		return f->channel == 0;
	switch (f->payload.method.id) {
	case AMQP_CONNECTION_BLOCKED_METHOD:
		note_blocked(l, f->payload.method.decoded);
		return 1;
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		l->blocked = false;
		return 1;
	case AMQP_CHANNEL_CLOSE_METHOD:
	case AMQP_CONNECTION_CLOSE_METHOD:
		return on_close(l, &f->payload.method, &code, err);
	default:
		return f->channel == 0;
	}
}

static void
wait_for_bytes(const struct v2m_amqp_link *l, int64_t ms, bool may_wake)
{
	struct pollfd fds[2] = {
		{ .fd = amqp_get_sockfd(l->state), .events = POLLIN },
		{ .fd = may_wake ? v2m_stop_fd() : -1, .events = POLLIN },
	};

	poll(fds, 2, ms < SLICE_MS ? (int)ms : SLICE_MS);
}

int
v2m_amqp_next(struct v2m_amqp_link *l, int64_t until, bool may_wake,
    amqp_frame_t *frame, struct v2m_err *err)
{
	const struct timeval at_once = { 0, 0 };

	for (;;) {
		/* Reads all that the library and TLS hold before it looks at
		 * the socket, and sends the heartbeats that are due. */
		int status = amqp_simple_wait_frame_noblock(l->state, frame,
		    &at_once);
		int64_t left = until - v2m_mono_ms();

		if (status == AMQP_STATUS_OK) {
			int dealt = control(l, frame, err);

			if (dealt <= 0)
				return dealt < 0 ? -1 : 1;
			continue;
		}
		if (status != AMQP_STATUS_TIMEOUT)
			return v2m_amqp_lost(l, status, err);
		if (left <= 0 || (may_wake && v2m_stop_count() > 0))
			return 0;
		wait_for_bytes(l, left, may_wake);
	}
}

void
v2m_amqp_tend(struct v2m_amqp_link *l)
{
	amqp_frame_t frame;
	struct v2m_err err;

	if (l->state == NULL)
		return;
	v2m_amqp_tidy(l);
	/* What nobody waits for any more may be passed over. */
	while (v2m_amqp_next(l, 0, false, &frame, &err) == 1)
		;
	v2m_amqp_tidy(l);
}
