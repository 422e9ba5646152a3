#include "auth/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/id.h"
#include "base/text.h"

#define NONE UINT32_MAX
#define KEY_SIZE 16

/* One count.  It is linked by indexes: in the chain of its bucket, and in the
 * order of use. */
struct entry {
	uint8_t key[KEY_SIZE];
	uint32_t chain, newer, older;
	uint16_t failures;
	bool trusted;		/* somebody has logged in */
	int64_t counted_ms;	/* when `failures` was computed */
	int64_t until_ms;	/* the end of the pause */
};

struct rule {
	unsigned free;		/* so many failures have no pause */
	int64_t most_ms;	/* of one pause */
	int64_t forget_ms;	/* one failure is forgotten in this time */
};

struct table {
	struct rule rule;
	struct entry *entries;
	uint32_t *buckets;
	uint32_t size, used;
	uint32_t newest, oldest;
};

enum { PAIR, ADDRESS, ACCOUNT, TABLES };

static const struct rule rules[TABLES] = {
	[PAIR] = { 5, 15 * 60000, 10 * 60000 },
	[ADDRESS] = { 30, 60000, 60000 },
	[ACCOUNT] = { 20, 5000, 60000 },
};

struct v2m_throttle {
	pthread_mutex_t lock;
	uint8_t seed[16];	/* random: keys that collide cannot be chosen */
	struct table tables[TABLES];
};

struct v2m_throttle *
v2m_throttle_new(size_t entries, struct v2m_err *err)
{
	struct v2m_throttle *t = calloc(1, sizeof *t);
	size_t i, j;

	if (entries == 0 || entries >= NONE)
		entries = V2M_THROTTLE_ENTRIES;
	if (t == NULL)
		goto fail;
	pthread_mutex_init(&t->lock, NULL);
	v2m_random(t->seed, sizeof t->seed);
	for (i = 0; i < TABLES; i++) {
		struct table *table = &t->tables[i];

		table->rule = rules[i];
		table->size = (uint32_t)entries;
		table->newest = table->oldest = NONE;
		table->entries = calloc(entries, sizeof *table->entries);
		table->buckets = calloc(entries, sizeof *table->buckets);
		if (table->entries == NULL || table->buckets == NULL)
			goto fail;
		for (j = 0; j < entries; j++)
			table->buckets[j] = NONE;
	}
	return t;
fail:
	v2m_err_sys(err, V2M_TEMP, "cannot count logins");
	v2m_throttle_free(t);
	return NULL;
}

void
v2m_throttle_free(struct v2m_throttle *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < TABLES; i++) {
		free(t->tables[i].entries);
		free(t->tables[i].buckets);
	}
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* --- keys --- */

/* An IPv6 host has a whole /64: its addresses count as one. */
static void
network(char dst[64], const char *ip)
{
	unsigned char bits[16];

	if (inet_pton(AF_INET6, ip, bits) == 1) {
		memset(bits + 8, 0, 8);
		inet_ntop(AF_INET6, bits, dst, 64);
	} else {
		snprintf(dst, 64, "%s", ip);
	}
}

static void
make_key(const struct v2m_throttle *t, uint8_t key[KEY_SIZE], const char *a,
    const char *b)
{
	char hex[V2M_SHA256_HEX];
	struct v2m_sha256 h;
	size_t i;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, t->seed, sizeof t->seed);
	v2m_sha256_update(&h, a, strlen(a) + 1);
	v2m_sha256_update(&h, b, strlen(b) + 1);
	v2m_sha256_final(&h, hex);
	for (i = 0; i < KEY_SIZE; i++)
		key[i] = (uint8_t)(v2m_hex_digit(hex[2 * i]) << 4 |
		    v2m_hex_digit(hex[2 * i + 1]));
}

static void
make_keys(const struct v2m_throttle *t, uint8_t keys[TABLES][KEY_SIZE],
    const char *account, const char *ip)
{
	char normal[V2M_EMAIL_MAX], net[64];

	/* No account has a name that is not an address: all such names count
	 * as one. */
	if (!v2m_text_email(normal, account))
		normal[0] = '\0';
	network(net, ip);
	make_key(t, keys[PAIR], normal, net);
	make_key(t, keys[ADDRESS], "", net);
	make_key(t, keys[ACCOUNT], normal, "");
}

/* --- a table --- */

static uint32_t *
bucket(struct table *t, const uint8_t key[KEY_SIZE])
{
	uint32_t n;

	memcpy(&n, key, sizeof n);
	return &t->buckets[n % t->size];
}

static struct entry *
find_entry(struct table *t, const uint8_t key[KEY_SIZE])
{
	uint32_t i;

	for (i = *bucket(t, key); i != NONE; i = t->entries[i].chain)
		if (memcmp(t->entries[i].key, key, KEY_SIZE) == 0)
			return &t->entries[i];
	return NULL;
}

static void
take_out(struct table *t, struct entry *e)
{
	*(e->newer == NONE ? &t->newest : &t->entries[e->newer].older) =
	    e->older;
	*(e->older == NONE ? &t->oldest : &t->entries[e->older].newer) =
	    e->newer;
}

static void
put_in_front(struct table *t, struct entry *e)
{
	uint32_t i = (uint32_t)(e - t->entries);

	e->newer = NONE;
	e->older = t->newest;
	*(t->newest == NONE ? &t->oldest : &t->entries[t->newest].newer) = i;
	t->newest = i;
}

/* An entry for a new key: an unused one, or the least recently used. */
static struct entry *
fresh(struct table *t)
{
	struct entry *e;
	uint32_t *link;

	if (t->used < t->size)
		return &t->entries[t->used++];
	e = &t->entries[t->oldest];
	for (link = bucket(t, e->key); &t->entries[*link] != e;
	    link = &t->entries[*link].chain)
		continue;
	*link = e->chain;
	take_out(t, e);
	return e;
}

static struct entry *
obtain(struct table *t, const uint8_t key[KEY_SIZE], int64_t now_ms)
{
	struct entry *e = find_entry(t, key);
	uint32_t *first;

	if (e != NULL) {
		take_out(t, e);
	} else {
		e = fresh(t);
		memset(e, 0, sizeof *e);
		memcpy(e->key, key, KEY_SIZE);
		e->counted_ms = now_ms;
		first = bucket(t, key);
		e->chain = *first;
		*first = (uint32_t)(e - t->entries);
	}
	put_in_front(t, e);
	return e;
}

/* --- counting --- */

static int64_t
pause_ms(const struct rule *rule, unsigned failures)
{
	unsigned over;

	if (failures <= rule->free)
		return 0;
	over = failures - rule->free - 1;
	if (over >= 20 || INT64_C(1000) << over > rule->most_ms)
		return rule->most_ms;
	return INT64_C(1000) << over;
}

static void
forget_some(struct entry *e, int64_t forget_ms, int64_t now_ms)
{
	int64_t n = (now_ms - e->counted_ms) / forget_ms;

	if (n <= 0)
		return;
	e->failures = (uint16_t)(n >= e->failures ? 0 : e->failures - n);
	e->counted_ms += n * forget_ms;
}

static void
count_failure(struct table *t, const uint8_t key[KEY_SIZE], int64_t now_ms)
{
	struct entry *e = obtain(t, key, now_ms);

	forget_some(e, t->rule.forget_ms, now_ms);
	if (e->failures < UINT16_MAX)
		e->failures++;
	e->until_ms = now_ms + pause_ms(&t->rule, e->failures);
}

static void
take_back(struct table *t, const uint8_t key[KEY_SIZE])
{
	struct entry *e = find_entry(t, key);

	if (e == NULL)
		return;
	if (e->failures > 0)
		e->failures--;
	if (e->failures <= t->rule.free)
		e->until_ms = 0;
}

static int64_t
wait_ms(struct v2m_throttle *t, uint8_t keys[TABLES][KEY_SIZE],
    int64_t now_ms)
{
	int64_t most = 0;
	size_t i;

	for (i = 0; i < TABLES; i++) {
		const struct entry *e = find_entry(&t->tables[i], keys[i]);

		/* PAIR comes first: for a pair that has logged in before, the
		 * other counts do not matter. */
		if (i == PAIR && e != NULL && e->trusted &&
		    e->until_ms <= now_ms)
			return 0;
		if (e != NULL && e->until_ms - now_ms > most)
			most = e->until_ms - now_ms;
	}
	return most;
}

int64_t
v2m_throttle_begin(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms)
{
	uint8_t keys[TABLES][KEY_SIZE];
	int64_t wait;
	size_t i;

	make_keys(t, keys, account, ip);
	pthread_mutex_lock(&t->lock);
	wait = wait_ms(t, keys, now_ms);
	for (i = 0; i < TABLES && wait == 0; i++)
		count_failure(&t->tables[i], keys[i], now_ms);
	pthread_mutex_unlock(&t->lock);
	return wait;
}

void
v2m_throttle_succeeded(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms)
{
	uint8_t keys[TABLES][KEY_SIZE];
	struct entry *e;

	make_keys(t, keys, account, ip);
	pthread_mutex_lock(&t->lock);
	e = obtain(&t->tables[PAIR], keys[PAIR], now_ms);
	e->trusted = true;
	e->failures = 0;
	e->until_ms = 0;
	take_back(&t->tables[ADDRESS], keys[ADDRESS]);
	take_back(&t->tables[ACCOUNT], keys[ACCOUNT]);
	pthread_mutex_unlock(&t->lock);
}

void
v2m_throttle_undo(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms)
{
	uint8_t keys[TABLES][KEY_SIZE];
	size_t i;

	(void)now_ms;
	make_keys(t, keys, account, ip);
	pthread_mutex_lock(&t->lock);
	for (i = 0; i < TABLES; i++)
		take_back(&t->tables[i], keys[i]);
	pthread_mutex_unlock(&t->lock);
}
