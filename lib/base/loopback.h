/* loopback.h - is a host this machine, so that a secret may be sent to it
 * without encryption?
 *
 * No name is looked up: the answer of a name server is not a proof.  The only
 * name that counts is "localhost", in any case: every /etc/hosts has it.  RFC
 * 6761 6.3 promises the same for all names below .localhost, but glibc asks the
 * name server for these, and for "localhost."  with a dot.  Pure and
 * thread-safe.
 */
#ifndef V2M_BASE_LOOPBACK_H
#define V2M_BASE_LOOPBACK_H

#include <stdbool.h>

/* host: a name or an address, IPv6 with or without brackets; "" is none.
 * Addresses: 127.0.0.0/8 with all four parts, ::1, and ::ffff:127.0.0.0/104. */
bool v2m_loopback(const char *host);

#endif
