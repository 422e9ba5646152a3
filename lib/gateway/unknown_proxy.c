#include "gateway/unknown_proxy.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/document.h"

#define PEERS 16		/* in the table */
#define ENOUGH 10		/* requests after which a peer is a proxy */
#define NOTED_MS (INT64_C(3600) * 1000)
#define AGAIN_MS (NOTED_MS / 2)

struct peer {
	struct v2m_ip key;	/* all of an IPv6 /64 are one */
	char address[V2M_IP_TEXT];	/* the last one of this key */
	unsigned requests;
	int64_t noted_at;	/* monotonic ms; 0: never */
};

struct v2m_unknown_proxy {
	const struct v2m_conf *conf;
	struct v2m_pool *pool;
	pthread_mutex_t lock;
	struct peer peers[PEERS];
	bool writing;			/* a note is being written; other peers
					 * are noted at their next request */
	bool started;			/* the writer has to be joined */
	pthread_t writer;
	/* used by the writer */
	char noted[V2M_IP_TEXT];
	size_t place;
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
	if (u->started)
		pthread_join(u->writer, NULL);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

/* The key of a note: the gateway, and the place in its table.  So a client with
 * many addresses cannot fill the store. */
static int
write_note(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct v2m_unknown_proxy *u = arg;
	struct v2m_document n = { .rev = 0 };
	char host[65] = "", key[V2M_DOCUMENT_KEY];
	int64_t now;
	int ret = -1;

	gethostname(host, sizeof host - 1);
	snprintf(key, sizeof key, "%s %.100s %zu", host,
	    v2m_conf_text(u->conf, "listen"), u->place);
	if (v2m_store_now(s->store, &now, err) == 0 &&
	    v2m_document_get(s->store, V2M_PROXY_DOCUMENT, key, &n, err) >=
	    0 && v2m_document_set(&n, u->noted, err) == 0) {
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
	pthread_mutex_lock(&u->lock);
	u->writing = false;
	pthread_mutex_unlock(&u->lock);
	return NULL;
}

/* The peer's place in the table, or else that of the peer with the fewest
 * requests.  Locked. */
static struct peer *
find(struct v2m_unknown_proxy *u, const struct v2m_ip *peer)
{
	struct v2m_ip key = *peer;
	struct peer *least = &u->peers[0];
	size_t i;

	v2m_ip_rate_key(&key);
	for (i = 0; i < PEERS; i++) {
		if (memcmp(&u->peers[i].key, &key, sizeof key) == 0)
			return &u->peers[i];
		if (u->peers[i].requests < least->requests)
			least = &u->peers[i];
	}
	memset(least, 0, sizeof *least);
	least->key = key;
	return least;
}

/* Locked. */
static void
begin_note(struct v2m_unknown_proxy *u, struct peer *p)
{
	if (u->started)
		pthread_join(u->writer, NULL);
	memcpy(u->noted, p->address, sizeof u->noted);
	u->place = (size_t)(p - u->peers) + 1;
	u->writing = u->started = pthread_create(&u->writer, NULL, write_it,
	    u) == 0;
	p->noted_at = v2m_mono_ms();
}

void
v2m_unknown_proxy_seen(struct v2m_unknown_proxy *u, const struct v2m_ip *peer)
{
	char address[V2M_IP_TEXT];
	struct peer *p;
	bool first;

	v2m_ip_text(address, peer);
	pthread_mutex_lock(&u->lock);
	p = find(u, peer);
	memcpy(p->address, address, sizeof p->address);
	p->requests += p->requests < UINT32_MAX;
	first = p->requests == ENOUGH;
	if (p->requests >= ENOUGH && !u->writing && (p->noted_at == 0 ||
	    v2m_mono_ms() - p->noted_at >= AGAIN_MS))
		begin_note(u, p);
	pthread_mutex_unlock(&u->lock);
	if (first)
		v2m_warn("%s sends X-Forwarded-For or Forwarded, but "
		    "trusted_proxies does not name it: if it is a proxy, all "
		    "its clients count as one", address);
}
