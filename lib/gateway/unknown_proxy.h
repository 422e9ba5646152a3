/* unknown_proxy.h - a proxy that trusted_proxies does not name.
 *
 * Behind such a one all clients are one to the limits per address: thirty
 * wrong logins would lock all out.  It shows by the field that it adds, to
 * request after request: ten of a peer count, which a client may send as well,
 * so that each peer is told of by itself.  Said once in the log, and noted in
 * the store for v2m-check, for an hour after it was there last: at most 16 at a
 * time, and an IPv6 /64 is one, since one client has it all.  Thread-safe.
 */
#ifndef V2M_GATEWAY_UNKNOWN_PROXY_H
#define V2M_GATEWAY_UNKNOWN_PROXY_H

#include "base/conf.h"
#include "gateway/pool.h"
#include "http/ip.h"

struct v2m_unknown_proxy;

/* Both are borrowed.  NULL: no memory. */
struct v2m_unknown_proxy *v2m_unknown_proxy_new(const struct v2m_conf *conf,
    struct v2m_pool *pool);

/* Waits until the note is written.  NULL is fine. */
void v2m_unknown_proxy_free(struct v2m_unknown_proxy *u);

/* peer, whom nobody trusts, says for whom it speaks.  Does not wait. */
void v2m_unknown_proxy_seen(struct v2m_unknown_proxy *u,
    const struct v2m_ip *peer);

#endif
