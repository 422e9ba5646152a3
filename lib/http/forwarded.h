/* forwarded.h - for whom a proxy speaks: X-Forwarded-For, and Forwarded of
 * RFC 7239.
 *
 * Each proxy appends the address that it saw, so only the right end of the
 * list can be believed, and only as far as proxies of ours wrote it.  Pure and
 * thread-safe.
 */
#ifndef V2M_HTTP_FORWARDED_H
#define V2M_HTTP_FORWARDED_H

#include "http/ip.h"

enum v2m_forwarded {
	V2M_X_FORWARDED_FOR,
	V2M_FORWARDED,
};

/* Make *a, which is the peer of the connection, the client: while it is one of
 * trusted, the next address from the right end of value takes its place.  One
 * that is none ("unknown", an obfuscated name, text) ends the search: then it
 * is the proxy that told it.  value NULL: there is no such field. */
void v2m_forwarded_client(struct v2m_ip *a, enum v2m_forwarded kind,
    const char *value, const struct v2m_networks *trusted);

#endif
