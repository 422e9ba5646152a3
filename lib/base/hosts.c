#include "base/hosts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/loopback.h"

#define SHARE_LEAST_MS 500

void
v2m_hosts_set_port(struct v2m_hosts *hosts, int port)
{
	size_t i;

	for (i = 0; i < hosts->n; i++) {
		struct v2m_host *h = &hosts->at[i];

		if (h->port == 0)
			h->port = port;
		snprintf(h->where, sizeof h->where, strchr(h->name, ':') ==
		    NULL ? "%s:%d" : "[%s]:%d", h->name, h->port);
	}
}

bool
v2m_hosts_are_loopback(const struct v2m_hosts *hosts)
{
	size_t i;

	for (i = 0; i < hosts->n; i++)
		if (!v2m_loopback(hosts->at[i].name))
			return false;
	return true;
}

/* --- which one is tried first --- */

/* The number of the process is part of it: otherwise all children of a process
 * would inherit the same choice. */
static uint64_t
of_this_process(size_t i)
{
	return (uint64_t)getpid() << 8 | i;
}

static size_t
any_below(size_t n)
{
	uint32_t noise;

	v2m_random(&noise, sizeof noise);
	return noise % n;
}

size_t
v2m_hosts_first(v2m_hosts_last *last, const struct v2m_hosts *hosts)
{
	uint64_t known = atomic_load(last);
	size_t i = known & 0xff;

	if (hosts->n == 1)
		return 0;
	return known == of_this_process(i) && i < hosts->n ? i :
	    any_below(hosts->n);
}

void
v2m_hosts_works(v2m_hosts_last *last, size_t i)
{
	atomic_store(last, of_this_process(i));
}

void
v2m_hosts_lost(v2m_hosts_last *last, const struct v2m_hosts *hosts, size_t i)
{
	uint64_t this = of_this_process(i);

	/* Another connection may have noticed it before, and moved on. */
	if (hosts->n > 1)
		atomic_compare_exchange_strong(last, &this, of_this_process(
		    (i + 1 + any_below(hosts->n - 1)) % hosts->n));
}

/* --- trying them in turn --- */

int64_t
v2m_hosts_share(int64_t until_ms, size_t left)
{
	int64_t share = (until_ms - v2m_mono_ms()) / (int64_t)left;

	return share > SHARE_LEAST_MS ? share : SHARE_LEAST_MS;
}

void
v2m_hosts_failed(struct v2m_err *all, const struct v2m_err *one)
{
	size_t n = strlen(all->msg);

	if (all->code == V2M_OK) {
		*all = *one;
		return;
	}
	snprintf(all->msg + n, sizeof all->msg - n, "; %s", one->msg);
	if (one->code == V2M_TEMP)
		all->code = V2M_TEMP;
}
