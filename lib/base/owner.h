/* owner.h - the owner of a file, and the message if it is somebody else's.
 *
 * The message never tells root to take a file away from the user of a service,
 * but to run the command as that user.  Thread-safe.
 */
#ifndef V2M_BASE_OWNER_H
#define V2M_BASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define V2M_OWNER_NAME 64	/* longest name and its NUL */
#define V2M_OWNER_NOBODY 65534	/* also shown for users of other machines */

/* The name of the user; if there is none, the number, and false. */
bool v2m_owner_name(char name[V2M_OWNER_NAME], uid_t uid);

/* Set err: path belongs to another user.  For root the message has the command
 * that runs as that user.  Returns -1. */
int v2m_owner_refuse(struct v2m_err *err, enum v2m_code code, const char *path,
    uid_t uid, gid_t gid);

#endif
