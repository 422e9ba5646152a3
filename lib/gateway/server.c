/* server.c - accepts connections, watches them, and ends.
 *
 * One thread, that of the caller, accepts connections, passes them to
 * libmicrohttpd, and watches them; each is served by a thread of the library.
 * We accept them ourselves for two reasons: so limits, refusals and the order
 * of a stop are under our control; and a descriptor of our own keeps a socket
 * open as long as a thread of ours may use it.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/state.h"
#include "base/module.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "gateway/components.h"
#include "gateway/cors.h"
#include "gateway/gateway.h"
#include "gateway/server_private.h"
#include "gateway/tls.h"
#include "http/prefix.h"

#define TICK_MS 500
#define LINGER_TICK_MS 50
#define ACCEPT_AT_ONCE 64
#define IDLE_GRACE_MS 1000	/* at a stop, for a request that is coming */

/* Sanitizers need a larger stack. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE ((size_t)4 << 20)
#else
#define STACK_SIZE ((size_t)256 << 10)
#endif

static void __attribute__((format(printf, 2, 0)))
say(void *cls, const char *fmt, va_list ap)
{
	char line[512];

	(void)cls;
	vsnprintf(line, sizeof line, fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	v2m_debug("libmicrohttpd: %s", line);
}

/* Leave paths and parameters as they are: we decode them. */
static size_t
leave(void *cls, struct MHD_Connection *mhd, char *s)
{
	(void)cls;
	(void)mhd;
	return strlen(s);
}

static int
start_daemon(struct v2m_listener *l, const struct v2m_tls *tls,
    struct v2m_err *err)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION |
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
	    MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem with_tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)
		    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	l->tls = tls->cert != NULL && !l->metrics;
	if (l->tls)
		flags |= MHD_USE_TLS;
	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, v2m_rq_handle, l,
	    MHD_OPTION_EXTERNAL_LOGGER, say, NULL,
	    MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)l->server->max_connections + 16,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)V2M_CONN_MEMORY,
	    MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE,
	    MHD_OPTION_NOTIFY_CONNECTION, v2m_conn_notify, l,
	    MHD_OPTION_NOTIFY_COMPLETED, v2m_rq_completed, l,
	    MHD_OPTION_URI_LOG_CALLBACK, v2m_rq_new, l,
	    MHD_OPTION_UNESCAPE_CALLBACK, leave, NULL,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
#if MHD_VERSION >= 0x00097701
	    MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
#endif
	    MHD_OPTION_ARRAY, l->tls ? with_tls : none,
	    MHD_OPTION_END);
	return l->daemon != NULL ? 0 : v2m_err_set(err, V2M_TEMP,
	    "cannot start the HTTP server%s", l->tls ?
	    " (is libmicrohttpd built with TLS?)" : "");
}

/* Each connection needs several descriptors: allow as many as possible. */
static void
raise_limit(const struct v2m_server *s)
{
	uint64_t wanted = (uint64_t)s->max_connections * 4 + 256;
	uint64_t may = v2m_io_raise_files(wanted);

	if (may < wanted)
		v2m_warn("only %" PRIu64 " files may be open, "
		    "max_connections = %d may want %" PRIu64 " (ulimit -n)",
		    may, s->max_connections, wanted);
}

static int
configure(struct v2m_server *s, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	const char *base = v2m_conf_text(conf, "base_path");

	memset(s, 0, sizeof *s);
	s->conf = conf;
	s->main.fd = s->metrics.fd = s->wake_fd = -1;
	s->main.server = s->metrics.server = s;
	s->metrics.metrics = true;
	s->max_connections = (int)v2m_conf_number(conf, "max_connections");
	s->max_per_address = (int)v2m_conf_number(conf,
	    "max_connections_per_address");
	s->header_ms = v2m_conf_number(conf, "header_timeout");
	s->rate = v2m_conf_number(conf, "min_rate");
	s->rate_ms = v2m_conf_number(conf, "rate_time");
	s->proxy_header = strcmp(v2m_conf_text(conf, "proxy_header"),
	    "forwarded") == 0 ? V2M_FORWARDED : V2M_X_FORWARDED_FOR;
	if (s->max_connections > 100000)
		return v2m_err_set(err, V2M_CONFIG,
		    "max_connections: at most 100000");
	if (strlen(base) >= V2M_PREFIX_MAX || (base[0] != '\0' &&
	    !v2m_prefix_valid(base)))
		return v2m_err_set(err, V2M_CONFIG, "base_path: '%.80s' is "
		    "not a path such as /v2m, without a / at its end", base);
	if (v2m_cors_check(conf, err) < 0)
		return -1;
	pthread_mutex_init(&s->lock, NULL);
	return v2m_networks_parse(&s->trusted, "trusted_proxies",
	    v2m_conf_text(conf, "trusted_proxies"), err);
}

static int
open_server(struct v2m_server *s, const struct v2m_tls *tls,
    struct v2m_err *err)
{
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot make an eventfd");
	if (v2m_listen(&s->main, s->conf, "listen", err) < 0 ||
	    v2m_listen(&s->metrics, s->conf, "metrics_listen", err) < 0)
		return -1;
	if (s->main.fd < 0)
		return v2m_err_set(err, V2M_CONFIG, "listen is empty");
	raise_limit(s);
	if (v2m_state_become(s->conf, err) < 0)
		return -1;
	if (v2m_components_open(&s->parts, s->conf, err) < 0 ||
	    start_daemon(&s->main, tls, err) < 0)
		return -1;
	return s->metrics.fd < 0 ? 0 : start_daemon(&s->metrics, tls, err);
}

static void
stop_listening(struct v2m_listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static void
close_server(struct v2m_server *s)
{
	stop_listening(&s->main);
	stop_listening(&s->metrics);
	MHD_stop_daemon(s->main.daemon);
	MHD_stop_daemon(s->metrics.daemon);
	v2m_linger_end(s);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
}

/* false: it is not possible now; the loop tries again after a pause. */
static bool
accept_some(struct v2m_listener *l)
{
	struct sockaddr_storage ss;
	struct v2m_conn *c;
	socklen_t n;
	int fd, i;

	for (i = 0; i < ACCEPT_AT_ONCE; i++) {
		n = sizeof ss;
		fd = accept4(l->fd, (struct sockaddr *)&ss, &n, SOCK_CLOEXEC);
		if (fd < 0)
			break;
		c = v2m_conn_accept(l, fd, (struct sockaddr *)&ss);
		if (c == NULL)
			continue;
		/* It closes fd if it fails. */
		if (MHD_add_connection(l->daemon, fd, (struct sockaddr *)&ss,
		    n) != MHD_YES) {
			v2m_warn("cannot serve a connection: %s",
			    strerror(errno));
			v2m_conn_drop(c);
			return false;
		}
	}
	if (i == ACCEPT_AT_ONCE || errno == EAGAIN || errno == EINTR ||
	    errno == ECONNABORTED)
		return true;
	v2m_warn("cannot accept a connection: %s", strerror(errno));
	return false;
}

static int
count_conns(struct v2m_server *s, int *lingering)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->nconns;
	*lingering = s->nlingering + s->nrefused;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void
clear(int event_fd)
{
	uint64_t n;

	if (read(event_fd, &n, sizeof n) < 0 && errno != EAGAIN)
		v2m_debug("cannot read an eventfd: %s", strerror(errno));
}

/* Wait for at most ms, and accept the connections that come. */
static void
turn(struct v2m_server *s, int ms, bool *pause)
{
	struct pollfd p[4] = {
		{ .fd = s->wake_fd, .events = POLLIN },
		{ .fd = v2m_stop_count() == 0 ? v2m_stop_fd() : -1,
		    .events = POLLIN },
		{ .fd = *pause ? -1 : s->main.fd, .events = POLLIN },
		{ .fd = *pause ? -1 : s->metrics.fd, .events = POLLIN },
	};

	*pause = false;
	if (poll(p, 4, ms) <= 0)
		return;
	if (p[0].revents != 0)
		clear(s->wake_fd);
	if (p[2].revents != 0)
		*pause = !accept_some(&s->main);
	if (p[3].revents != 0 && !accept_some(&s->metrics))
		*pause = true;
}

struct pace {
	int64_t watched_ms, until_ms, stopped_ms;
	bool pause;
};

/* false: all connections have ended, or there is no more time. */
static bool
drain(struct v2m_server *s, struct pace *pace, int64_t now)
{
	int lingering, left = count_conns(s, &lingering);

	if (pace->stopped_ms == 0) {
		atomic_store(&s->draining, true);
		stop_listening(&s->main);
		stop_listening(&s->metrics);
		pace->stopped_ms = now;
		v2m_systemd_stopping();
		pace->until_ms = now +
		    v2m_conf_number(s->conf, "drain_timeout");
		v2m_event(NULL, "draining", "connections=%d", left);
	}
	/* Each time, as a connection becomes idle when its answer ends. */
	if (now - pace->stopped_ms > IDLE_GRACE_MS)
		v2m_watch_end(s, false);
	return v2m_stop_count() < 2 && now < pace->until_ms &&
	    left + lingering > 0;
}

static void
loop(struct v2m_server *s)
{
	struct pace pace = { .watched_ms = v2m_mono_ms() };
	int lingering = 0;
	int64_t now;

	for (;;) {
		turn(s, lingering > 0 || pace.stopped_ms > 0 ?
		    LINGER_TICK_MS : TICK_MS, &pace.pause);
		now = v2m_mono_ms();
		v2m_systemd_alive();
		v2m_linger(s, now);
		count_conns(s, &lingering);
		if (now - pace.watched_ms >= TICK_MS) {
			v2m_watch(s, now, now - pace.watched_ms);
			pace.watched_ms = now;
		}
		if (v2m_stop_count() > 0 && !drain(s, &pace, now))
			break;
	}
	v2m_watch_end(s, true);
}

/* Refuse to start if the jobs of the store have moved.  If the store is away,
 * that is not known yet. */
static int
check_store(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_store *store = v2m_store_open(conf, err);
	bool linked = store != NULL && v2m_store_has_links(store);

	v2m_store_close(store);
	if (store == NULL)
		return err->code == V2M_CONFIG ? -1 : 0;
	return linked || !v2m_conf_bool(conf, "s3_redirect") ? 0 :
	    v2m_err_set(err, V2M_CONFIG, "s3_redirect: objects are not on S3, "
	    "so no download can be sent there");
}

static int
run_gateway(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_tls tls = { NULL, NULL };
	struct v2m_server s;
	int ret = -1;

	if (configure(&s, conf, err) < 0 ||
	    v2m_tls_read(&tls, conf, err) < 0 ||
	    open_server(&s, &tls, err) < 0 || check_store(conf, err) < 0)
		goto out;
	v2m_event(NULL, "started", NULL);
	if (s.metrics.fd >= 0)
		v2m_event_always(NULL, "listening", "address=%s for=metrics",
		    s.metrics.address);
	v2m_event_always(NULL, "listening", "address=%s%s", s.main.address,
	    s.main.tls ? " tls=yes" : "");
	v2m_systemd_ready();
	loop(&s);
	ret = 0;
out:
	close_server(&s);
	v2m_components_close(&s.parts);
	v2m_tls_release(&tls);
	pthread_mutex_destroy(&s.lock);
	return ret;
}

V2M_EXPORT const struct v2m_gateway v2m_gateway = {
	.run = run_gateway
};
