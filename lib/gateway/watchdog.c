/* watchdog.c - ends connections that are too slow.
 *
 * The library's time limit is between two bytes, so a client could stay for
 * ever by sending a byte now and then.  Therefore this looks at the sockets.
 * Only time in which the peer has to do something counts: while unread bytes
 * are in the socket, the gateway is slow, and not the client.
 */
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/server_private.h"

#define LOST_MS 60000

static int
queued(int fd, unsigned long what)
{
	int n = 0;

	return ioctl(fd, what, &n) < 0 ? 0 : n;
}

/* Bytes that the peer has acknowledged. */
static uint64_t
acknowledged(int fd)
{
	struct tcp_info info;
	socklen_t n = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0 ||
	    n < offsetof(struct tcp_info, tcpi_bytes_received))
		return 0;
	return info.tcpi_bytes_acked;
}

enum why { HEADER, SLOW_READER, SLOW_BODY };

static void
cut_connection(struct v2m_conn *c, enum why why)
{
	static const char *const words[] = {
		[HEADER] = "header",
		[SLOW_READER] = "slow-reader",
		[SLOW_BODY] = "slow-body",
	};
	struct v2m_counters more = { .cut_header = why == HEADER,
		.cut_rate = why != HEADER };
	char ip[V2M_IP_TEXT];

	if (atomic_exchange(&c->cut, true))
		return;
	v2m_counters_add(c->listener->server->parts.counters, &more);
	v2m_event(NULL, "cut", "address=%s reason=%s",
	    v2m_ip_text(ip, &c->peer), words[why]);
	shutdown(c->fd, SHUT_RDWR);
}

/* While the peer has to send or read something: is it slower than min_rate? */
static bool
is_slow(const struct v2m_server *s, struct v2m_conn *c, bool write,
    bool waiting, uint64_t moved, int64_t passed_ms)
{
	unsigned long long request = atomic_load(&c->requests);

	if (c->window.request != request || c->window.write != write) {
		c->window.request = request;
		c->window.write = write;
		c->window.waited_ms = 0;
		c->window.base = moved;
	}
	if (!waiting)
		return false;
	c->window.waited_ms += passed_ms;
	if (c->window.waited_ms < s->rate_ms)
		return false;
	if (moved - c->window.base <
	    (uint64_t)(s->rate * c->window.waited_ms / 1000))
		return true;
	c->window.waited_ms = 0;
	c->window.base = moved;
	return false;
}

static void
watch_connection(struct v2m_server *s, struct v2m_conn *c, int64_t now_ms,
    int64_t passed_ms)
{
	int phase = atomic_load(&c->phase);
	int64_t since_ms = atomic_load(&c->since_ms);
	bool unsent = queued(c->fd, SIOCOUTQ) > 0;

	if (atomic_load(&c->cut))
		return;
	if (unsent)
		c->quiet_ms = now_ms;
	if (phase == V2M_PHASE_REPLY || (phase == V2M_PHASE_HEADER && unsent)) {
		if (s->rate > 0 && s->rate_ms > 0 && is_slow(s, c, true,
		    unsent, acknowledged(c->fd), passed_ms))
			cut_connection(c, SLOW_READER);
	} else if (phase == V2M_PHASE_BODY) {
		if (s->rate > 0 && s->rate_ms > 0 && is_slow(s, c, false,
		    queued(c->fd, SIOCINQ) == 0, atomic_load(&c->body),
		    passed_ms))
			cut_connection(c, SLOW_BODY);
	} else if (phase == V2M_PHASE_HEADER) {
		if (since_ms < c->quiet_ms)
			since_ms = c->quiet_ms;
		if (s->header_ms > 0 && now_ms - since_ms > s->header_ms &&
		    queued(c->fd, SIOCINQ) == 0)
			cut_connection(c, HEADER);
	}
}

/* Was it accepted long ago, and MHD has not started it?  Then MHD had no memory
 * or thread for it, and will not report that. */
static bool
is_lost(const struct v2m_conn *c, int64_t now_ms)
{
	return !c->started && now_ms - atomic_load(&c->since_ms) > LOST_MS;
}

void
v2m_watch(struct v2m_server *s, int64_t now_ms, int64_t passed_ms)
{
	struct v2m_conn *c, *lost = NULL;

	pthread_mutex_lock(&s->lock);
	for (c = s->conns; c != NULL; c = c->next) {
		watch_connection(s, c, now_ms, passed_ms);
		if (is_lost(c, now_ms))
			lost = c;
	}
	/* Unlink it, so that MHD cannot start it after all. */
	if (lost != NULL)
		v2m_conn_unlink(s, lost);
	pthread_mutex_unlock(&s->lock);
	v2m_conn_free(lost);
}

void
v2m_watch_end(struct v2m_server *s, bool all)
{
	struct v2m_conn *c;

	pthread_mutex_lock(&s->lock);
	for (c = s->conns; c != NULL; c = c->next) {
		if (!all && atomic_load(&c->phase) != V2M_PHASE_HEADER)
			continue;
		/* An answer may still be in transit. */
		shutdown(c->fd, all ? SHUT_RDWR : SHUT_RD);
	}
	pthread_mutex_unlock(&s->lock);
}
