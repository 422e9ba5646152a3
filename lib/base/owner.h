/* owner.h - whose a file is, and what to say where it is somebody else's.
 *
 * Root is never told to take a file away from the user whose service lives on
 * it, but to run the command as that user.  Thread-safe.
 */
#ifndef V2M_BASE_OWNER_H
#define V2M_BASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define V2M_OWNER_NAME 64	/* longest name and its NUL */
#define V2M_OWNER_NOBODY 65534	/* and whoever has no number here */

/* The user's name, or the number where there is none: that, and false. */
bool v2m_owner_name(char name[V2M_OWNER_NAME], uid_t uid);

/* Set code, and say that path belongs to another user; to root, with the
 * command that works on it as that user.  Returns -1. */
int v2m_owner_refuse(struct v2m_err *err, enum v2m_code code, const char *path,
    uid_t uid, gid_t gid);

#endif
