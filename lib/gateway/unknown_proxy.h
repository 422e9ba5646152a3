/* unknown_proxy.h - detects a proxy that trusted_proxies does not name.
 *
 * To the limits per address, all clients behind such a proxy are one client:
 * thirty wrong logins would lock all of them out.  A peer counts as a proxy
 * after ten requests with X-Forwarded-For or Forwarded.  A client may send
 * these fields, too; so each peer is reported by its own address.  It is logged
 * once, and noted in the store for v2m-check until an hour after its last
 * request.  There are at most 16 notes; an IPv6 /64 counts as one peer, since
 * one client has all of it.  Thread-safe.
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

/* Waits until a note is written.  NULL is fine. */
void v2m_unknown_proxy_free(struct v2m_unknown_proxy *u);

/* A peer that is not trusted has sent one of the fields.  Does not wait. */
void v2m_unknown_proxy_seen(struct v2m_unknown_proxy *u,
    const struct v2m_ip *peer);

#endif
