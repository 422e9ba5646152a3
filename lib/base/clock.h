/* clock.h - the two clocks.  Wall time for what is written down and compared
 * between machines (leases, records), monotonic time for waiting. */
#ifndef V2M_BASE_CLOCK_H
#define V2M_BASE_CLOCK_H

#include <stdint.h>

int64_t v2m_wall_ms(void);	/* milliseconds since 1970-01-01 UTC */
int64_t v2m_mono_ms(void);	/* milliseconds since some fixed moment */

/* "2026-11-21T08:30:00Z" (RFC 3339). */
char *v2m_wall_text(char dst[32], int64_t wall_ms);

/* A pause for the n-th try (0, 1, ...): base_ms doubled n times, at most
 * most_ms, less a random quarter, so that a crowd does not come back as one. */
int64_t v2m_backoff_ms(int64_t base_ms, int64_t most_ms, unsigned n);

#endif
