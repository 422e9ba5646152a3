/* link.c - a connection to the broker that cannot hang.
 *
 * When sending, the library waits without a limit; so the socket has a limit of
 * its own (TCP_USER_TIMEOUT), and what is sent fits into its buffer.  Waiting
 * for frames is done here, in slices, with heartbeats in between. */
#include "queue/amqp/amqp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/stop.h"

#define FAREWELL_S 2
#define SLICE_MS 1000		/* longest sleep between heartbeats */

void
v2m_amqp_doing(struct v2m_amqp_link *l, const char *what, const char *queue)
{
	if (queue == NULL)
		snprintf(l->doing, sizeof l->doing, "%s", what);
	else
		snprintf(l->doing, sizeof l->doing, "%s the queue '%s'", what,
		    queue);
}

const char *
v2m_amqp_where(const struct v2m_amqp_link *l)
{
	return l->endpoint->hosts.at[l->host].where;
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

	/* A broker that blocks us does not read connection.close. */
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
	    v2m_amqp_where(l), words_of(status));
	v2m_amqp_turn(l);
	v2m_amqp_drop(l);
	return -1;
}

/* V2M_TEMP if a later try may succeed: a missing queue may be declared, or its
 * node may come back. */
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
	v2m_err_set(err, code_of(reply, words),
	    "cannot %s at RabbitMQ on %s: %s%s", l->doing, v2m_amqp_where(l),
	    words, reply == AMQP_NOT_FOUND ? " (v2m-init makes it)" : "");
	/* It denies this process, not the user who asked
	 * (v2m_err_is_access()). */
	if (err != NULL && err->code == V2M_DENIED)
		err->sys = EACCES;
	return -1;
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
		v2m_amqp_turn(l);
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

/* Handle a frame for the link itself.  1: done; 0: it is for the caller; -1:
 * the connection or channel is closed. */
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
		/* It reads first what the library and TLS have buffered, then
		 * the socket, and sends heartbeats that are due. */
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
	/* Nobody waits for these frames any more. */
	while (v2m_amqp_next(l, 0, false, &frame, &err) == 1)
		;
	v2m_amqp_tidy(l);
}
