/* loopback.h - is a host this machine, so that a secret may go there in clear?
 *
 * Nothing is looked up: an answer that a name server gives is not proof.  Of
 * names, only "localhost" in any case is this machine: every /etc/hosts has it.
 * RFC 6761 6.3 promises the same of all names below .localhost, but glibc asks
 * the name server for these, and for "localhost." with a dot.  Pure and
 * thread-safe.
 */
#ifndef V2M_BASE_LOOPBACK_H
#define V2M_BASE_LOOPBACK_H

#include <stdbool.h>

/* host: a name or an address, IPv6 with or without brackets; "" is none.
 * Addresses: 127.0.0.0/8 with all four parts, ::1, and ::ffff:127.0.0.0/104. */
bool v2m_loopback(const char *host);

#endif
