/* filter.h - the system calls that are left to a child.
 *
 * A list of those it may make; what becomes of the others says trap.h.
 */
#ifndef ENGINE_FILTER_H
#define ENGINE_FILTER_H

#include "base/err.h"

/* What sanitizers do of their own would have to be allowed. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define FILTER_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FILTER_SANITIZED 1
#endif
#endif
#ifndef FILTER_SANITIZED
#define FILTER_SANITIZED 0
#endif

/* For all threads of the process, for good.  Needs no_new_privs.  V2M_TEMP:
 * there is none in this build, or the kernel has none, with the reason. */
int filter_load(struct v2m_err *err);

/* For who looks for a fault: how many calls were refused, on stderr. */
void filter_tell(void);

#endif
