#include "gateway/counters.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

/* Routes are few, and so are the codes that each of them answers with; what
 * would not fit is counted as the last. */
#define MOST 512

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct v2m_counters sums;
static struct {
	const char *route;
	int code;
	uint64_t n;
} requests[MOST];
static size_t count;

void
v2m_counters_request(const char *route, int code, uint64_t in, uint64_t out,
    uint64_t ms)
{
	size_t i;

	pthread_mutex_lock(&lock);
	sums.in += in;
	sums.out += out;
	sums.ms += ms;
	for (i = 0; i < count; i++)
		if (requests[i].code == code &&
		    strcmp(requests[i].route, route) == 0)
			break;
	if (i == count && count < MOST) {
		requests[count].route = route;
		requests[count++].code = code;
	} else if (i == count) {
		i--;
	}
	requests[i].n++;
	pthread_mutex_unlock(&lock);
}

void
v2m_counters_each(void (*fn)(const char *route, int code, uint64_t n,
    void *arg), void *arg)
{
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < count; i++)
		fn(requests[i].route, requests[i].code, requests[i].n, arg);
	pthread_mutex_unlock(&lock);
}

void
v2m_counters_add(const struct v2m_counters *more)
{
	pthread_mutex_lock(&lock);
	sums.in += more->in;
	sums.out += more->out;
	sums.ms += more->ms;
	sums.accepted += more->accepted;
	sums.refused_all += more->refused_all;
	sums.refused_address += more->refused_address;
	sums.cut_header += more->cut_header;
	sums.cut_rate += more->cut_rate;
	sums.open += more->open;
	pthread_mutex_unlock(&lock);
}

void
v2m_counters_get(struct v2m_counters *now)
{
	pthread_mutex_lock(&lock);
	*now = sums;
	pthread_mutex_unlock(&lock);
}
