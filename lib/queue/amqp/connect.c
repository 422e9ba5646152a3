/* connect.c - makes a connection to the broker, at the first host that accepts
 * us: TCP or TLS, the login, and the channel. */
#include "queue/amqp/amqp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/kept_file.h"

#define HEARTBEAT_S 60
#define FRAME_MAX 131072
#define SEND_BUFFER 1048576	/* or what the system allows */

static int
cannot_connect(struct v2m_amqp_link *l, int status, struct v2m_err *err)
{
	enum v2m_code code = V2M_TEMP;
	const char *why;

	switch (status) {
	case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
		why = "there is no host of that name";
		break;
	case AMQP_STATUS_SOCKET_ERROR:
		why = "no server answers there: is it running?";
		break;
	case AMQP_STATUS_TIMEOUT:
		why = "no answer in time";
		break;
	case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
		code = V2M_CONFIG;
		why = "its certificate is not signed by a trusted authority "
		    "(see queue_ca_file)";
		break;
	case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
		code = V2M_CONFIG;
		why = "its certificate is for another name";
		break;
	case AMQP_STATUS_SSL_ERROR:
	case AMQP_STATUS_SSL_CONNECTION_FAILED:
		why = "TLS failed (is that its TLS port, and does "
		    "queue_ca_file name the authority that signed its "
		    "certificate?)";
		break;
	default:
		why = amqp_error_string2(status);
	}
	v2m_err_set(err, code, "cannot connect to RabbitMQ on %s: %s",
	    v2m_amqp_where(l), why);
	v2m_amqp_drop(l);
	return -1;
}

static int
trust(const struct v2m_amqp_endpoint *endpoint, amqp_socket_t *s)
{
	if (endpoint->ca_file[0] != '\0')
		return amqp_ssl_socket_set_cacert(s,
		    v2m_kept_file_path(endpoint->ca_file));
#if AMQP_VERSION >= AMQP_VERSION_CODE(0, 14, 0, 0)
	return amqp_ssl_socket_enable_default_verify_paths(s);
#else
	/* Without a list, that old version trusts no certificate. */
	return amqp_ssl_socket_set_cacert(s,
	    "/etc/ssl/certs/ca-certificates.crt");
#endif
}

static amqp_socket_t *
new_socket(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct v2m_amqp_endpoint *endpoint = l->endpoint;
	amqp_socket_t *s = endpoint->tls ? amqp_ssl_socket_new(l->state) :
	    amqp_tcp_socket_new(l->state);

	if (s == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory for a connection");
		return NULL;
	}
	if (!endpoint->tls)
		return s;
	amqp_ssl_socket_set_verify_peer(s, 1);
	amqp_ssl_socket_set_verify_hostname(s, 1);
	if (amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2,
	    AMQP_TLSvLATEST) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue: this machine has no "
		    "TLS 1.2");
		return NULL;
	}
	if (trust(endpoint, s) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue_ca_file: no certificates "
		    "(PEM) in '%s'", endpoint->ca_file[0] == '\0' ?
		    "the list of the system" : endpoint->ca_file);
		return NULL;
	}
	if (endpoint->cert_file[0] != '\0' && amqp_ssl_socket_set_key(s,
	    v2m_kept_file_path(endpoint->cert_file),
	    v2m_kept_file_path(endpoint->key_file)) != AMQP_STATUS_OK) {
		v2m_err_set(err, V2M_CONFIG, "queue_cert_file: '%s' and its "
		    "key in '%s' do not belong together (PEM)",
		    endpoint->cert_file, endpoint->key_file);
		return NULL;
	}
	return s;
}

/* Limits for a connection whose peer has gone. */
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

/* Log in, and tell the broker our name for its list of connections, and that it
 * shall tell when a queue is deleted while we wait, or publishing is
 * stopped. */
static int
log_in_to_broker(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct v2m_amqp_endpoint *endpoint = l->endpoint;
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
	reply = amqp_login_with_properties(l->state, endpoint->vhost, 16,
	    FRAME_MAX, HEARTBEAT_S, &properties, AMQP_SASL_METHOD_PLAIN,
	    endpoint->url.user, endpoint->url.password);
	if (v2m_amqp_check(l, reply, NULL, err) == 0)
		return 0;
	return err->code == V2M_DENIED ? v2m_err_prefix(err, "user '%s'",
	    endpoint->url.user) : -1;
}

/* The time left until `until`. */
static struct timeval
wait_until(int64_t until)
{
	int64_t ms = until - v2m_mono_ms();

	if (ms > V2M_AMQP_CONNECT_MS)
		ms = V2M_AMQP_CONNECT_MS;
	if (ms < 1)
		ms = 1;
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

static int
connect_now(struct v2m_amqp_link *l, int64_t until, struct v2m_err *err)
{
	const struct v2m_host *host = &l->endpoint->hosts.at[l->host];
	const struct timeval answer = { .tv_sec = V2M_AMQP_ANSWER_MS / 1000 };
	struct timeval most;
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
	amqp_set_rpc_timeout(l->state, &answer);
	most = wait_until(until);
	status = amqp_socket_open_noblock(s, host->name, host->port, &most);
	if (status != AMQP_STATUS_OK)
		return cannot_connect(l, status, err);
	set_options(amqp_get_sockfd(l->state));
	most = wait_until(until);
	amqp_set_handshake_timeout(l->state, &most);
	return log_in_to_broker(l, err);
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

static int
connect_any(struct v2m_amqp_link *l, struct v2m_err *err)
{
	const struct v2m_hosts *hosts = &l->endpoint->hosts;
	size_t first = v2m_hosts_first(&v2m_amqp_last_host, hosts), i;
	int64_t until = v2m_mono_ms() + 2 * (int64_t)V2M_AMQP_CONNECT_MS;
	struct v2m_err all = { .code = V2M_OK }, one;

	for (i = 0; i < hosts->n; i++) {
		l->host = (first + i) % hosts->n;
		if (connect_now(l, v2m_mono_ms() + v2m_hosts_share(until,
		    hosts->n - i), &one) == 0 && open_channel(l, &one) == 0) {
			v2m_hosts_works(&v2m_amqp_last_host, l->host);
			return 0;
		}
		v2m_amqp_drop(l);
		v2m_hosts_failed(&all, &one);
	}
	return v2m_err_pass(err, &all);
}

int
v2m_amqp_connect(struct v2m_amqp_link *l, struct v2m_err *err)
{
	v2m_amqp_tend(l);
	if (l->state != NULL && l->open)
		return 0;
	if (l->state == NULL)
		return connect_any(l, err) < 0 ? -1 : 1;
	if (open_channel(l, err) < 0) {
		v2m_amqp_drop(l);
		return -1;
	}
	return 1;
}
