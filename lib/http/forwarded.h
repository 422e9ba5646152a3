/* forwarded.h - the client behind a proxy: X-Forwarded-For, and Forwarded (RFC
 * 7239).
 *
 * Each proxy appends the address that it saw.  So only the right end of the
 * list can be trusted, as far as trusted proxies wrote it.  Pure and
 * thread-safe.
 */
#ifndef V2M_HTTP_FORWARDED_H
#define V2M_HTTP_FORWARDED_H

#include "http/ip.h"

enum v2m_forwarded {
	V2M_X_FORWARDED_FOR,
	V2M_FORWARDED,
};

/* *a is the peer of the connection, and becomes the client: while it is one of
 * trusted, it is replaced by the next address from the right end of value.  An
 * element that is not an address ("unknown", an obfuscated name, text) ends the
 * search: then the proxy before it stays.  value NULL: there is no such
 * field. */
void v2m_forwarded_client(struct v2m_ip *a, enum v2m_forwarded kind,
    const char *value, const struct v2m_networks *trusted);

#endif
