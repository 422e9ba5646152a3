/* hosts.h - the hosts of a cluster, all of equal use: "a:5672,b,[::1]:5673"
 *
 * A process first tries the host that worked last; at the beginning a random
 * one, so that not all processes use the first of the list.
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

/* The host that worked last, for all threads of a process.  Zeroed: none
 * yet. */
typedef _Atomic uint64_t v2m_hosts_last;

/* Set the port of hosts that have none, and `where` of all. */
void v2m_hosts_set_port(struct v2m_hosts *hosts, int port);

bool v2m_hosts_are_loopback(const struct v2m_hosts *hosts);

/* The index of the host to try first; the others follow in order. */
size_t v2m_hosts_first(v2m_hosts_last *last, const struct v2m_hosts *hosts);

/* Note that host i works; or that the connection to it was lost, so that
 * another one, if there is one, is tried next. */
void v2m_hosts_works(v2m_hosts_last *last, size_t i);
void v2m_hosts_lost(v2m_hosts_last *last, const struct v2m_hosts *hosts,
    size_t i);

/* How long to try the next host, ms: an equal share of the time until until_ms
 * (v2m_mono_ms()) for each of the `left` hosts, but at least half a second. */
int64_t v2m_hosts_share(int64_t until_ms, size_t left);

/* Collect the errors of hosts that failed in turn.  all is zeroed before the
 * first; its code becomes V2M_TEMP if one of them has that. */
void v2m_hosts_failed(struct v2m_err *all, const struct v2m_err *one);

#endif
