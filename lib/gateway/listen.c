#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/systemd.h"
#include "base/text.h"
#include "gateway/server_private.h"

#define BACKLOG 1024

/* "127.0.0.1:8080", "[::1]:8080", "*:8080" and ":8080" for all addresses. */
static bool
split(const char *text, char *host, size_t size, int *port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);
	int64_t number;

	if (colon == NULL || !v2m_text_parse_int(colon + 1, 0, 65535, &number))
		return false;
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	} else if (memchr(text, ':', n) != NULL) {
		return false;
	}
	if (n == 1 && text[0] == '*')
		n = 0;
	if (n >= size)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	*port = (int)number;
	return true;
}

static socklen_t
any_address(struct sockaddr_storage *ss, int family, int port)
{
	struct sockaddr_in6 *in6 = (void *)ss;
	struct sockaddr_in *in = (void *)ss;

	memset(ss, 0, sizeof *ss);
	if (family == AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		in6->sin6_addr = in6addr_any;
		return sizeof *in6;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	in->sin_addr.s_addr = htonl(INADDR_ANY);
	return sizeof *in;
}

static socklen_t
resolve(struct sockaddr_storage *ss, const char *host, int port,
    const char *key, const char *text, struct v2m_err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE };
	struct addrinfo *found;
	socklen_t n;
	int sys;

	sys = getaddrinfo(host, NULL, &hints, &found);
	if (sys != 0) {
		v2m_err_set(err, sys == EAI_AGAIN ? V2M_TEMP : V2M_CONFIG,
		    "%s: '%s': %s", key, text, gai_strerror(sys));
		return 0;
	}
	n = found->ai_addrlen;
	memcpy(ss, found->ai_addr, n);
	freeaddrinfo(found);
	if (ss->ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)ss)->sin6_port =
		    htons((uint16_t)port);
	else
		((struct sockaddr_in *)(void *)ss)->sin_port =
		    htons((uint16_t)port);
	return n;
}

static int
bind_to(const struct sockaddr_storage *ss, socklen_t n)
{
	int fd = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	const int on = 1, off = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ss->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, (const struct sockaddr *)ss, n) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The address it is bound to; for port 0 the system chose a port. */
static void
name_listener(struct v2m_listener *l)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;
	char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";
	int flags = NI_NUMERICHOST | NI_NUMERICSERV;

	if (getsockname(l->fd, (struct sockaddr *)&ss, &n) == 0)
		getnameinfo((struct sockaddr *)&ss, n, host, sizeof host,
		    port, sizeof port, flags);
	snprintf(l->address, sizeof l->address, strchr(host, ':') == NULL ?
	    "%s:%s" : "[%s]:%s", host, port);
}

/* As the setting says. */
static int
open_socket(struct v2m_listener *l, const char *text, const char *key,
    struct v2m_err *err)
{
	struct sockaddr_storage ss;
	char host[256];
	socklen_t n;
	int port;

	if (!split(text, host, sizeof host, &port))
		return v2m_err_set(err, V2M_CONFIG, "%s: '%s' is not "
		    "ADDRESS:PORT (127.0.0.1:8080, [::1]:8080, *:8080)", key,
		    text);
	if (host[0] == '\0') {
		n = any_address(&ss, AF_INET6, port);
		l->fd = bind_to(&ss, n);
		/* The machine may have no IPv6. */
		if (l->fd < 0 && (errno == EAFNOSUPPORT ||
		    errno == EADDRNOTAVAIL)) {
			n = any_address(&ss, AF_INET, port);
			l->fd = bind_to(&ss, n);
		}
	} else {
		n = resolve(&ss, host, port, key, text, err);
		if (n == 0)
			return -1;
		l->fd = bind_to(&ss, n);
	}
	if (l->fd < 0)
		return v2m_err_sys(err, errno == EADDRNOTAVAIL ? V2M_CONFIG :
		    V2M_UNAVAILABLE, "cannot listen at %s", text);
	return 0;
}

int
v2m_listen(struct v2m_listener *l, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err)
{
	const char *text = v2m_conf_text(conf, key);

	bool passed;

	if (v2m_systemd_socket(key, &l->fd, err) < 0)
		return -1;
	passed = l->fd >= 0;
	if (!passed && text[0] != '\0' && open_socket(l, text, key, err) < 0)
		return -1;
	if (l->fd >= 0)
		name_listener(l);
	if (passed && v2m_conf_is_set(conf, key) &&
	    strcmp(text, l->address) != 0)
		v2m_warn("%s = %s is ignored: systemd passed a socket, which "
		    "listens at %s", key, text, l->address);
	return 0;
}
