/* owners.h - files of the state that belong to another user than the state.
 *
 * Such a file comes from an older v2m, or from copying, as another user; the
 * owner of the state may not be able to read or remove it.  This looks at the
 * databases, the secret, and the folders of the store with their files.
 */
#ifndef V2M_FLOW_OWNERS_H
#define V2M_FLOW_OWNERS_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "flow/check.h"

struct v2m_owners {
	/* Called for each; V2M_REMEDY_OWNER: `repair` can repair it. */
	void (*found)(void *arg, const struct v2m_finding *f);
	/* Called for each that could not be repaired. */
	void (*failed)(void *arg, const char *item, const struct v2m_err *err);
	void *arg;
	bool repair;		/* give each to the owner; only root can */
	unsigned most;		/* files of a folder to look at; 0: all */
};

/* Look, or repair.  -1: it is not known who owns the state. */
int v2m_owners(const struct v2m_conf *conf, const struct v2m_owners *o,
    struct v2m_err *err);

#endif
