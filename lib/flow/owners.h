/* owners.h - files of the state that are another user's than the state.
 *
 * Such a file comes from who ran an older v2m, or a copy, as another user; the
 * state's owner can then not read or remove it.  Looked at are the databases,
 * the secret, and the folders of the store with what is in them.
 */
#ifndef V2M_FLOW_OWNERS_H
#define V2M_FLOW_OWNERS_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "flow/check.h"

struct v2m_owners {
	/* Told of each, with V2M_REMEDY_OWNER where mending can do it. */
	void (*found)(void *arg, const struct v2m_finding *f);
	/* One could not be repaired. */
	void (*failed)(void *arg, const char *item, const struct v2m_err *err);
	void *arg;
	bool mend;		/* give each to the owner: root can */
	unsigned most;		/* files of a folder to look at; 0: all */
};

/* Look.  -1: whose the state is cannot be told. */
int v2m_owners(const struct v2m_conf *conf, const struct v2m_owners *o,
    struct v2m_err *err);

#endif
