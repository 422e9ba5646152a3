/* variables.h - the V2M_ variables of the environment: which there are, and
 * which look like a mistake.
 *
 * A key of the configuration in capitals, a few more for people (STATE,
 * CONFIG, TOKEN, ...), what hooks are given, what tests use, and what
 * Kubernetes makes of Services whose names begin with v2m.  Thread-safe where
 * nobody changes the environment.
 */
#ifndef V2M_BASE_VARIABLES_H
#define V2M_BASE_VARIABLES_H

#include "base/err.h"

#define V2M_VARIABLES_OF_HOOKS 14

/* What programs of notify = exec: find in their environment; NULL-ended. */
extern const char *const v2m_variables_of_hooks[V2M_VARIABLES_OF_HOOKS];

/* Is one there that means a known one, most likely: its name begins with a key
 * and '_', or is two letters or fewer from a known name?  V2M_CONFIG, with the
 * nearest right name. */
int v2m_variables_check(struct v2m_err *err);

/* Warn of the others that v2m does not know. */
void v2m_variables_warn(void);

#endif
