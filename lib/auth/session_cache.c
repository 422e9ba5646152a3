#include "auth/session_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"

#define ENTRIES 1024	/* each token has one place; a later one replaces it */

struct entry {
	char key[V2M_SHA256_HEX];	/* "": unused */
	struct v2m_claims claims;
	int64_t until_ms;		/* monotonic */
};

struct v2m_session_cache {
	const struct v2m_conf *conf;
	unsigned char seed[32];
	pthread_mutex_t lock;
	struct entry entries[ENTRIES];
};

struct v2m_session_cache *
v2m_session_cache_new(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_session_cache *c = calloc(1, sizeof *c);

	if (c == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot remember tokens");
		return NULL;
	}
	c->conf = conf;
	v2m_random(c->seed, sizeof c->seed);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
v2m_session_cache_free(struct v2m_session_cache *c)
{
	if (c == NULL)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct entry *
session_place(struct v2m_session_cache *c, const char *token,
    char key[V2M_SHA256_HEX])
{
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, c->seed, sizeof c->seed);
	v2m_sha256_update(&h, token, strlen(token));
	v2m_sha256_final(&h, key);
	return &c->entries[strtoul((char[]){ key[0], key[1], key[2], key[3],
	    '\0' }, NULL, 16) % ENTRIES];
}

static bool
remembered(struct v2m_session_cache *c, const struct entry *e,
    const char *key, struct v2m_claims *claims)
{
	bool good;

	pthread_mutex_lock(&c->lock);
	good = strcmp(e->key, key) == 0 && v2m_mono_ms() < e->until_ms &&
	    v2m_wall_ms() / 1000 < e->claims.expires_s;
	if (good)
		*claims = e->claims;
	pthread_mutex_unlock(&c->lock);
	return good;
}

int
v2m_session_cache_check(struct v2m_session_cache *c, const char *token,
    struct v2m_claims *claims, struct v2m_err *err)
{
	/* Taken before the question: a token that is revoked while the
	 * database answers is not kept for longer than any other. */
	int64_t now = v2m_mono_ms();
	char key[V2M_SHA256_HEX];
	struct entry *e;

	/* Too long for a token: it need not be hashed. */
	if (strlen(token) > V2M_TOKEN_MAX)
		return v2m_session_check(c->conf, token, claims, err);
	e = session_place(c, token, key);
	if (remembered(c, e, key, claims))
		return 0;
	if (v2m_session_check(c->conf, token, claims, err) < 0)
		return -1;
	pthread_mutex_lock(&c->lock);
	memcpy(e->key, key, sizeof e->key);
	e->claims = *claims;
	e->until_ms = now + V2M_SESSION_CACHE_MS;
	pthread_mutex_unlock(&c->lock);
	return 0;
}
