/* ip.h - IP addresses of clients, and networks of them.
 *
 * All are stored as IPv6; an IPv4 address is ::ffff:a.b.c.d, so that it is the
 * same by both kinds of socket.  Pure and thread-safe.
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

/* The address of a socket; if it is neither IPv4 nor IPv6, "::". */
void v2m_ip_of(struct v2m_ip *a, const struct sockaddr *sa);

/* Parse n bytes of s: "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; with_port:
 * perhaps with ":port".  false: it is not valid. */
bool v2m_ip_parse(struct v2m_ip *a, const char *s, size_t n,
    bool with_port);

char *v2m_ip_text(char dst[V2M_IP_TEXT],
    const struct v2m_ip *a);

/* Make it the key by which clients are counted: an IPv4 address stays; of an
 * IPv6 address the first 64 bits stay, as a household has all the others. */
void v2m_ip_rate_key(struct v2m_ip *a);

#define V2M_NETWORKS_MAX 64

struct v2m_networks {
	size_t n;
	struct {
		struct v2m_ip base;
		unsigned bits;	/* of 128 */
	} list[V2M_NETWORKS_MAX];
};

/* Parse "127.0.0.1 10.0.0.0/8, 2001:db8::/32": addresses and networks,
 * separated by blanks or commas.  V2M_CONFIG, with the name key. */
int v2m_networks_parse(struct v2m_networks *nets, const char *key,
    const char *text, struct v2m_err *err);

bool v2m_networks_hold(const struct v2m_networks *nets,
    const struct v2m_ip *a);

#endif
