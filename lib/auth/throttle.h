/* throttle.h - who may try a password now, and who has to wait.
 *
 * An attempt counts as failed from the moment it begins, so that a thousand
 * at a time are no way round; one that succeeds, or that nobody could judge,
 * is taken back.  Failures are counted by (account, IP address), by IP, and
 * by account.  Each count lets some pass, then asks for a pause that doubles
 * with each further one, and forgets one failure now and then:
 *
 *	account and IP		5 free, pauses of 1 s to 15 min, 10 min
 *	IP			30 free, pauses of 1 s to 1 min, 1 min
 *	account			20 free, pauses of 1 s to 5 s, 1 min
 *
 * What is counted by account alone comes from anybody, so nobody is locked out
 * by it.  For a user who has logged in from an IP before, only the first of
 * the counts is used there.
 *
 * Each count has a table of a fixed size, where the least recently used goes
 * first.  An IPv6 address counts by its /64.  Thread-safe.
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

/* Nobody could say (a service is away): as if it had not been tried. */
void v2m_throttle_undo(struct v2m_throttle *t, const char *account,
    const char *ip, int64_t now_ms);

#endif
