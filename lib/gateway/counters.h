/* counters.h - counters of the gateway, for GET /metrics.  Thread-safe. */
#ifndef V2M_GATEWAY_COUNTERS_H
#define V2M_GATEWAY_COUNTERS_H

#include <stdint.h>

struct v2m_counters_kept;	/* all counters of a gateway */

struct v2m_counters_kept *v2m_counters_new(void);	/* NULL: no memory */
void v2m_counters_free(struct v2m_counters_kept *k);	/* NULL is fine */

struct v2m_counters {
	uint64_t in, out;	/* bytes, headers included */
	uint64_t ms;		/* duration of all requests together */
	/* connections */
	uint64_t accepted;
	uint64_t refused_all;	/* because of max_connections */
	uint64_t refused_address; /* because of max_connections_per_address */
	uint64_t cut_header;	/* longer than header_timeout */
	uint64_t cut_rate;	/* slower than min_rate */
	int64_t open;		/* at the moment */
};

/* Count a request that has ended.  route is the path of its route, borrowed for
 * good, or "other"; code 0: there was no answer. */
void v2m_counters_request(struct v2m_counters_kept *k, const char *route,
    int code, uint64_t in, uint64_t out, uint64_t ms);

/* Call fn for each route and code that was counted. */
void v2m_counters_each(struct v2m_counters_kept *k,
    void (*fn)(const char *route, int code, uint64_t n, void *arg), void *arg);

/* Add *more, field by field. */
void v2m_counters_add(struct v2m_counters_kept *k,
    const struct v2m_counters *more);

void v2m_counters_get(struct v2m_counters_kept *k, struct v2m_counters *now);

#endif
