/* filter.h - the seccomp filter: which system calls a child may make.
 *
 * What happens at other calls: trap.h.
 */
#ifndef ENGINE_FILTER_H
#define ENGINE_FILTER_H

#include "base/err.h"

/* Sanitizers need more system calls: with them there is no filter. */
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

/* Install the filter for all threads of the process, for good.  Needs
 * no_new_privs.  V2M_TEMP with the reason: this build or the kernel has
 * none. */
int filter_load(struct v2m_err *err);

/* For debugging: print to stderr how many calls were refused. */
void filter_tell(void);

#endif
