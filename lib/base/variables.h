/* variables.h - the V2M_ variables of the environment: which are known, and
 * which look like a mistake.
 *
 * Known are: the keys of the configuration in capitals; a few more for users
 * (STATE, CONFIG, TOKEN, ...); those that hooks get; those of tests; and those
 * that Kubernetes makes for Services whose names begin with v2m.  Thread-safe
 * as long as the environment is not changed.
 */
#ifndef V2M_BASE_VARIABLES_H
#define V2M_BASE_VARIABLES_H

#include "base/err.h"

#define V2M_VARIABLES_OF_HOOKS 14

/* The variables of programs of notify = exec:COMMAND; NULL-ended. */
extern const char *const v2m_variables_of_hooks[V2M_VARIABLES_OF_HOOKS];

/* Is there an unknown variable that is most likely a typing error: its name
 * begins with a key and '_', or is near to a known name (base/suggest.h)?
 * V2M_CONFIG, with the nearest name. */
int v2m_variables_check(struct v2m_err *err);

/* Warn of all unknown variables. */
void v2m_variables_warn(void);

#endif
