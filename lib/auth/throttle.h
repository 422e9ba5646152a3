/* throttle.h - limits attempts to guess passwords.
 *
 * An attempt counts as failed from the moment it begins, so that many attempts
 * at the same time do not help; one that succeeds, or could not be checked, is
 * taken back.  Failures are counted by account and IP address, by IP address,
 * and by account.  In each count, some are free; then each further one doubles
 * a pause.  One failure is forgotten after some time:
 *
 *				free	pauses		one is forgotten in
 *	account and IP		5	1 s to 15 min	10 min
 *	IP			30	1 s to 1 min	1 min
 *	account			20	1 s to 5 s	1 min
 *
 * Anybody can cause failures of an account, so its pauses are short, and nobody
 * is locked out by them.  For a user who has logged in from an IP address
 * before, only the first count is used there.
 *
 * Each count has a table of a fixed size, in which the least recently used
 * entry is replaced.  An IPv6 address counts by its /64.  Thread-safe.
 */
#ifndef V2M_AUTH_THROTTLE_H
#define V2M_AUTH_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct v2m_throttle;

#define V2M_THROTTLE_ENTRIES 65536	/* of each table */

/* entries 0: V2M_THROTTLE_ENTRIES.  NULL: V2M_TEMP. */
struct v2m_throttle *v2m_throttle_new(size_t entries, struct v2m_err *err);
void v2m_throttle_free(struct v2m_throttle *t);		/* NULL is fine */

/* May this account (in any spelling) be tried from this IP at now_ms
 * (v2m_mono_ms())?  0: yes, and it counts as a failure from now on; else for
 * how many milliseconds not, and nothing is counted. */
int64_t v2m_throttle_begin(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms);

/* It succeeded: the account's failures from this IP are forgotten. */
void v2m_throttle_succeeded(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms);

/* It could not be checked (a service is away): do not count it. */
void v2m_throttle_undo(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms);

#endif
