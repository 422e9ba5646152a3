/* hosts.h - the nodes of a cluster, any of which will do: "a:5672,b,[::1]:5673"
 *
 * A process begins with the one that worked last, and the first time with any,
 * so that many processes do not all hang on the first of the list.
 */
#ifndef V2M_BASE_HOSTS_H
#define V2M_BASE_HOSTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define V2M_HOSTS 8		/* most that a list may have */

struct v2m_host {
	char name[256];		/* IPv6 without its brackets; "" none */
	int port;		/* 0: none given */
	char where[272];	/* "name:port", for messages; see below */
};

struct v2m_hosts {
	struct v2m_host at[V2M_HOSTS];
	size_t n;		/* 1 or more */
};

/* Which one worked last, for all threads of a process.  Zeroed: none yet. */
typedef _Atomic uint64_t v2m_hosts_last;

/* Give those without a port this one, and all of them their `where`. */
void v2m_hosts_set_port(struct v2m_hosts *hosts, int port);

bool v2m_hosts_are_loopback(const struct v2m_hosts *hosts);

/* The index to begin with; the others follow in turn. */
size_t v2m_hosts_first(v2m_hosts_last *last, const struct v2m_hosts *hosts);

/* The host of this index let us in; or what was connected to it was lost: the
 * next to be tried is another, if there is one. */
void v2m_hosts_works(v2m_hosts_last *last, size_t i);
void v2m_hosts_lost(v2m_hosts_last *last, const struct v2m_hosts *hosts,
    size_t i);

/* Milliseconds that the next of `left` hosts may take until a moment
 * (v2m_mono_ms()): its share, and never less than half a second. */
int64_t v2m_hosts_share(int64_t until_ms, size_t left);

/* Add why one host failed to why those before it did.  all begins zeroed; its
 * code is V2M_TEMP as soon as it is that for one of them. */
void v2m_hosts_failed(struct v2m_err *all, const struct v2m_err *one);

#endif
