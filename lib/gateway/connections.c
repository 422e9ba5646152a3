#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/server_private.h"

#define REFUSED_PAUSE_MS 10000	/* between two lines of the log */
#define METRICS_MAX 16		/* connections at metrics_listen */

/* Locked. */
static int
count_rate_key(const struct v2m_server *s, const struct v2m_ip *rate_key)
{
	const struct v2m_conn *c;
	int n = 0;

	for (c = s->conns; c != NULL; c = c->next)
		if (c->has_rate_key &&
		    memcmp(&c->rate_key, rate_key, sizeof *rate_key) == 0)
			n++;
	return n;
}

/* Is there no place for another connection?  Those at metrics_listen have
 * places of their own.  Locked. */
static bool
is_listener_full(const struct v2m_server *s, const struct v2m_listener *l)
{
	const struct v2m_conn *c;
	int watching = 0;

	for (c = s->conns; c != NULL; c = c->next)
		if (c->listener->metrics)
			watching++;
	return l->metrics ? watching >= METRICS_MAX :
	    s->nconns - watching + s->nlingering >= s->max_connections;
}

/* One line for many refusals, as clients try again.  Only from the thread that
 * accepts. */
static void
log_refused(struct v2m_server *s, const struct v2m_ip *peer, bool all)
{
	char ip[V2M_IP_TEXT];
	int64_t now = v2m_mono_ms();

	s->refused++;
	if (s->refused_ms != 0 && now - s->refused_ms < REFUSED_PAUSE_MS)
		return;
	s->refused_ms = now;
	v2m_event(NULL, "refused", "address=%s reason=%s count=%lu",
	    v2m_ip_text(ip, peer), all ? "max_connections" :
	    "max_connections_per_address", s->refused);
	s->refused = 0;
}

static void
refuse_connection(struct v2m_listener *l, int fd, const struct v2m_ip *peer,
    bool all)
{
	struct v2m_counters more = { .refused_all = all,
		.refused_address = !all };

	v2m_counters_add(l->server->parts.counters, &more);
	log_refused(l->server, peer, all);
	/* A client that expects TLS could not read an answer. */
	v2m_linger_refuse(l->server, fd, l->tls ? "" : all ?
	    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
	    "Content-Type: text/plain\r\nContent-Length: 20\r\n"
	    "Connection: close\r\n\r\ntoo many connections" :
	    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\n"
	    "Content-Type: text/plain\r\nContent-Length: 38\r\n"
	    "Connection: close\r\n\r\n"
	    "too many connections from this address");
}

static struct v2m_conn *
conn_new(struct v2m_listener *l, int fd, const struct v2m_ip *peer)
{
	struct v2m_conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (c->fd < 0) {
		free(c);
		return NULL;
	}
	c->listener = l;
	c->mhd_fd = fd;
	c->peer = c->rate_key = *peer;
	v2m_ip_rate_key(&c->rate_key);
	c->quiet_ms = v2m_mono_ms();
	atomic_store(&c->since_ms, c->quiet_ms);
	return c;
}

struct v2m_conn *
v2m_conn_accept(struct v2m_listener *l, int fd, const struct sockaddr *sa)
{
	struct v2m_counters more = { .accepted = 1, .open = 1 };
	struct v2m_server *s = l->server;
	struct v2m_ip peer;
	struct v2m_conn *c;
	bool all, one;

	v2m_ip_of(&peer, sa);
	c = conn_new(l, fd, &peer);
	if (c == NULL) {
		close(fd);
		return NULL;
	}
	c->has_rate_key = !v2m_networks_hold(&s->trusted, &peer) && !l->metrics;
	pthread_mutex_lock(&s->lock);
	all = is_listener_full(s, l);
	one = c->has_rate_key &&
	    count_rate_key(s, &c->rate_key) >= s->max_per_address;
	if (!all && !one) {
		c->next = s->conns;
		s->conns = c;
		s->nconns++;
	}
	pthread_mutex_unlock(&s->lock);
	if (all || one) {
		close(fd);
		refuse_connection(l, c->fd, &peer, all);
		free(c);
		return NULL;
	}
	v2m_counters_add(s->parts.counters, &more);
	return c;
}

void
v2m_conn_unlink(struct v2m_server *s, const struct v2m_conn *c)
{
	struct v2m_conn **at;
	struct v2m_counters less = { .open = -1 };

	for (at = &s->conns; *at != NULL; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			s->nconns--;
			v2m_counters_add(s->parts.counters, &less);
			return;
		}
}

void
v2m_conn_drop(struct v2m_conn *c)
{
	struct v2m_server *s = c->listener->server;

	pthread_mutex_lock(&s->lock);
	v2m_conn_unlink(s, c);
	pthread_mutex_unlock(&s->lock);
	v2m_conn_free(c);
}

void
v2m_conn_free(struct v2m_conn *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	free(c);
}

/* The connection that was accepted as fd and has not started yet.  MHD closes
 * fd only after it has told us, so there is only one. */
static struct v2m_conn *
find_connection(struct v2m_server *s, int fd)
{
	struct v2m_conn *c;

	pthread_mutex_lock(&s->lock);
	for (c = s->conns; c != NULL; c = c->next)
		if (!c->started && c->mhd_fd == fd) {
			c->started = true;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	return c;
}

/* Has the peer closed the connection, so that there is nothing to wait for? */
static bool
peer_is_done(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void
ended(struct v2m_conn *c)
{
	struct v2m_server *s = c->listener->server;
	const uint64_t one = 1;
	bool linger = !atomic_load(&c->cut) && !peer_is_done(c->fd);

	pthread_mutex_lock(&s->lock);
	v2m_conn_unlink(s, c);
	c->has_rate_key = false;
	if (linger) {
		c->next = s->lingering;
		s->lingering = c;
		s->nlingering++;
	}
	pthread_mutex_unlock(&s->lock);
	if (!linger)
		v2m_conn_free(c);
	/* Also if nothing lingers: a stop waits for the last connection. */
	if (write(s->wake_fd, &one, sizeof one) < 0)
		v2m_debug("cannot wake: %s", strerror(errno));
}

void
v2m_conn_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct v2m_listener *l = cls;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(mhd,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = info == NULL ? NULL :
		    find_connection(l->server, info->connect_fd);
	} else if (*socket_context != NULL) {
		ended(*socket_context);
		*socket_context = NULL;
	}
}

bool
v2m_conn_claim(struct v2m_conn *c, const struct v2m_ip *rate_key)
{
	struct v2m_server *s = c->listener->server;
	struct v2m_counters more = { .refused_address = 1 };
	bool fine;

	if (c->has_rate_key || c->listener->metrics)
		return true;
	pthread_mutex_lock(&s->lock);
	fine = count_rate_key(s, rate_key) < s->max_per_address;
	if (fine) {
		c->rate_key = *rate_key;
		c->has_rate_key = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (!fine)
		v2m_counters_add(s->parts.counters, &more);
	return fine;
}

void
v2m_conn_unclaim(struct v2m_conn *c)
{
	struct v2m_server *s = c->listener->server;

	pthread_mutex_lock(&s->lock);
	c->has_rate_key = !v2m_networks_hold(&s->trusted, &c->peer) &&
	    !c->listener->metrics;
	pthread_mutex_unlock(&s->lock);
}

void
v2m_conn_phase(struct v2m_conn *c, enum v2m_phase phase)
{
	if (phase == V2M_PHASE_HEADER)
		atomic_store(&c->since_ms, v2m_mono_ms());
	atomic_store(&c->phase, (int)phase);
}

uint64_t
v2m_conn_written(const struct v2m_conn *c)
{
	struct tcp_info info;
	socklen_t n = sizeof info;
	int queued = 0;

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0 ||
	    n < offsetof(struct tcp_info, tcpi_bytes_received) ||
	    ioctl(c->fd, SIOCOUTQ, &queued) < 0)
		return 0;
	return info.tcpi_bytes_acked + (uint64_t)queued;
}
