#include "gateway/counters.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* There are few routes, each with few codes.  If the table is full, the last
 * entry counts the rest. */
#define MOST 512

struct v2m_counters_kept {
	pthread_mutex_t lock;
	struct v2m_counters sums;
	struct {
		const char *route;
		int code;
		uint64_t n;
	} requests[MOST];
	size_t count;
};

struct v2m_counters_kept *
v2m_counters_new(void)
{
	struct v2m_counters_kept *k = calloc(1, sizeof *k);

	if (k != NULL)
		pthread_mutex_init(&k->lock, NULL);
	return k;
}

void
v2m_counters_free(struct v2m_counters_kept *k)
{
	if (k == NULL)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k);
}

void
v2m_counters_request(struct v2m_counters_kept *k, const char *route, int code,
    uint64_t in, uint64_t out, uint64_t ms)
{
	size_t i;

	pthread_mutex_lock(&k->lock);
	k->sums.in += in;
	k->sums.out += out;
	k->sums.ms += ms;
	for (i = 0; i < k->count; i++)
		if (k->requests[i].code == code &&
		    strcmp(k->requests[i].route, route) == 0)
			break;
	if (i == k->count && k->count < MOST) {
		k->requests[k->count].route = route;
		k->requests[k->count++].code = code;
	} else if (i == k->count) {
		i--;
	}
	k->requests[i].n++;
	pthread_mutex_unlock(&k->lock);
}

void
v2m_counters_each(struct v2m_counters_kept *k,
    void (*fn)(const char *route, int code, uint64_t n, void *arg), void *arg)
{
	size_t i;

	pthread_mutex_lock(&k->lock);
	for (i = 0; i < k->count; i++)
		fn(k->requests[i].route, k->requests[i].code,
		    k->requests[i].n, arg);
	pthread_mutex_unlock(&k->lock);
}

void
v2m_counters_add(struct v2m_counters_kept *k, const struct v2m_counters *more)
{
	pthread_mutex_lock(&k->lock);
	k->sums.in += more->in;
	k->sums.out += more->out;
	k->sums.ms += more->ms;
	k->sums.accepted += more->accepted;
	k->sums.refused_all += more->refused_all;
	k->sums.refused_address += more->refused_address;
	k->sums.cut_header += more->cut_header;
	k->sums.cut_rate += more->cut_rate;
	k->sums.open += more->open;
	pthread_mutex_unlock(&k->lock);
}

void
v2m_counters_get(struct v2m_counters_kept *k, struct v2m_counters *now)
{
	pthread_mutex_lock(&k->lock);
	*now = k->sums;
	pthread_mutex_unlock(&k->lock);
}
