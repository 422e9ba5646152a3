/* counters.h - what the gateway counts of itself, for GET /metrics.
 * Thread-safe. */
#ifndef V2M_GATEWAY_COUNTERS_H
#define V2M_GATEWAY_COUNTERS_H

#include <stdint.h>

struct v2m_counters_kept;	/* all that is counted */

struct v2m_counters_kept *v2m_counters_new(void);	/* NULL: no memory */
void v2m_counters_free(struct v2m_counters_kept *k);	/* NULL is fine */

struct v2m_counters {
	uint64_t in, out;	/* bytes, headers included */
	uint64_t ms;		/* that requests took, together */
	uint64_t accepted;	/* connections */
	uint64_t refused_all;	/* because of max_connections */
	uint64_t refused_address; /* of max_connections_per_address */
	uint64_t cut_header;	/* for taking longer than header_timeout */
	uint64_t cut_rate;	/* for being slower than min_rate */
	int64_t open;		/* connections right now */
};

/* One request is over.  route is the path of its route, borrowed for good, or
 * "other"; code 0: there was no answer. */
void v2m_counters_request(struct v2m_counters_kept *k, const char *route,
    int code, uint64_t in, uint64_t out, uint64_t ms);

/* Call fn for each route and code that there was. */
void v2m_counters_each(struct v2m_counters_kept *k,
    void (*fn)(const char *route, int code, uint64_t n, void *arg), void *arg);

/* Add, field by field. */
void v2m_counters_add(struct v2m_counters_kept *k,
    const struct v2m_counters *more);

void v2m_counters_get(struct v2m_counters_kept *k, struct v2m_counters *now);

#endif
