#include "gateway/unknown_proxy.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/document.h"

#define NOTED_MS (INT64_C(24) * 3600 * 1000)

struct v2m_unknown_proxy {
	const struct v2m_conf *conf;
	struct v2m_pool *pool;
	pthread_mutex_t lock;
	bool seen, writing;
	pthread_t writer;		/* where writing is true */
	char address[V2M_IP_TEXT];
};

struct v2m_unknown_proxy *
v2m_unknown_proxy_new(const struct v2m_conf *conf, struct v2m_pool *pool)
{
	struct v2m_unknown_proxy *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->conf = conf;
	u->pool = pool;
	pthread_mutex_init(&u->lock, NULL);
	return u;
}

void
v2m_unknown_proxy_free(struct v2m_unknown_proxy *u)
{
	if (u == NULL)
		return;
	if (u->writing)
		pthread_join(u->writer, NULL);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

/* The key says which of the gateways of a store it is. */
static int
write_note(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct v2m_unknown_proxy *u = arg;
	struct v2m_document n = { .rev = 0 };
	char host[65] = "", key[V2M_DOCUMENT_KEY];
	int64_t now;
	int ret = -1;

	gethostname(host, sizeof host - 1);
	snprintf(key, sizeof key, "%s %.100s", host,
	    v2m_conf_text(u->conf, "listen"));
	if (v2m_store_now(s->store, &now, err) == 0 &&
	    v2m_document_get(s->store, V2M_PROXY_DOCUMENT, key, &n, err) >=
	    0 && v2m_document_set(&n, u->address, err) == 0) {
		n.until = now + NOTED_MS;
		ret = v2m_document_put(s->store, &n, err) < 0 ? -1 : 0;
	}
	v2m_document_clear(&n);
	return ret;
}

static void *
write_it(void *arg)
{
	struct v2m_unknown_proxy *u = arg;
	struct v2m_err err;

	if (v2m_pool_use(u->pool, write_note, u, &err) < 0)
		v2m_warn("cannot note that for v2m-check: %s", err.msg);
	return NULL;
}

void
v2m_unknown_proxy_seen(struct v2m_unknown_proxy *u, const struct v2m_ip *peer)
{
	bool first;

	pthread_mutex_lock(&u->lock);
	first = !u->seen;
	u->seen = true;
	if (first) {
		v2m_ip_text(u->address, peer);
		u->writing = pthread_create(&u->writer, NULL, write_it, u) ==
		    0;
	}
	pthread_mutex_unlock(&u->lock);
	if (first)
		v2m_warn("%s sends X-Forwarded-For or Forwarded, but "
		    "trusted_proxies does not name it: if it is a proxy, all "
		    "its clients count as one", u->address);
}
