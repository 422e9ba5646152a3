/* clock.h - the clocks.  Wall time for what is written down and compared
 * between machines (leases, records), monotonic time for waiting. */
#ifndef V2M_BASE_CLOCK_H
#define V2M_BASE_CLOCK_H

#include <stdint.h>

int64_t v2m_wall_ms(void);	/* milliseconds since 1970-01-01 UTC */
int64_t v2m_mono_ms(void);	/* milliseconds since some fixed moment */
int64_t v2m_boot_ms(void);	/* the same, including time asleep */

/* "2026-11-21T08:30:00Z" (RFC 3339). */
char *v2m_wall_text(char dst[32], int64_t wall_ms);

/* Parse such a text to wall ms, without fractions of a second; 0: it is not
 * valid, or before 1970, or NULL. */
int64_t v2m_wall_parse(const char *text);

/* The pause after the n-th try (0, 1, ...): base_ms doubled n times, at most
 * most_ms, less up to a quarter at random, so that many processes do not try
 * again at the same moment. */
int64_t v2m_backoff_ms(int64_t base_ms, int64_t most_ms, unsigned n);

#endif
