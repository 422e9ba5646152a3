/* ip.h - IP addresses of clients, and networks of them.
 *
 * All are kept as IPv6; an IPv4 address is ::ffff:a.b.c.d, so that one that
 * came by either kind of socket is the same.  Pure and thread-safe.
 */
#ifndef V2M_HTTP_IP_H
#define V2M_HTTP_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

#define V2M_IP_TEXT 46

struct v2m_ip {
	uint8_t b[16];
};

/* Of a socket; what is neither IPv4 nor IPv6 becomes "::". */
void v2m_ip_of(struct v2m_ip *a, const struct sockaddr *sa);

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", each with ":port" behind it
 * where with_port says so.  n bytes of s.  false: it is not valid. */
bool v2m_ip_parse(struct v2m_ip *a, const char *s, size_t n,
    bool with_port);

char *v2m_ip_text(char dst[V2M_IP_TEXT],
    const struct v2m_ip *a);

/* The key by which clients are counted: an IPv4 address as it is, of an IPv6
 * one the first 64 bits, which are what a household gets. */
void v2m_ip_rate_key(struct v2m_ip *a);

#define V2M_NETWORKS_MAX 64

struct v2m_networks {
	size_t n;
	struct {
		struct v2m_ip base;
		unsigned bits;	/* of 128 */
	} list[V2M_NETWORKS_MAX];
};

/* "127.0.0.1 10.0.0.0/8, 2001:db8::/32": addresses and networks between
 * blanks or commas.  V2M_CONFIG, naming key. */
int v2m_networks_parse(struct v2m_networks *nets, const char *key,
    const char *text, struct v2m_err *err);

bool v2m_networks_hold(const struct v2m_networks *nets,
    const struct v2m_ip *a);

#endif
