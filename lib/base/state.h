/* state.h - who owns the state, and becoming that user.
 *
 * The state has one owner: the owner of its database file, or, if there is none
 * yet, of its folder.  When root runs a command, the command becomes this user,
 * so that it never leaves a file of root there; see v2m(7), The state folder.
 */
#ifndef V2M_BASE_STATE_H
#define V2M_BASE_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"

/* The services that may be embedded: the setting, the scheme of its URL, and
 * what follows the path in the URL to make that of the database.  Ends with a
 * NULL key. */
struct v2m_state_database {
	const char *key, *scheme, *file;
};
#define V2M_STATE_DATABASES 4
extern const struct v2m_state_database
    v2m_state_databases[V2M_STATE_DATABASES + 1];

/* The owner.  1; 0: there is no state; -1: V2M_DENIED: it is not certain who
 * the owner is, or the owner is not a user of this machine. */
int v2m_state_owner(const struct v2m_conf *conf, uid_t *uid, gid_t *gid,
    struct v2m_err *err);

/* If we are root, become the owner for good, or, if there is no state here, the
 * user that the key `user` names: groups, user, HOME and XDG_*.  Other users,
 * and root with a state of his own, stay as they are.
 *
 * Before that, the files of passwords, keys and certificates that conf names
 * are read and kept (base/secret.h, base/kept_file.h).  So call this before any
 * of them is used, before the state is opened, and before there are threads.
 *
 * V2M_DENIED: it is not possible; then the command must end.  V2M_CONFIG: the
 * owner may not read a file that the library of a server will open; or there is
 * no such `user`, or that is not the owner. */
int v2m_state_become(const struct v2m_conf *conf, struct v2m_err *err);

/* Read and keep the files of passwords, keys and certificates that conf names.
 * v2m_state_become() does it for its own conf; this is for a second one, and
 * has to be called before. */
void v2m_state_keep_files(const struct v2m_conf *conf);

/* Make the folder STATE (0700).  If it exists, is empty and our own, it is
 * closed to others; *closed: it was open.  A folder in which v2m was set up
 * stays as it is.  V2M_CONFIG: such a folder is open to others, or STATE has
 * other files; nothing was changed.  V2M_DENIED, V2M_CANTCREATE. */
int v2m_state_make(const struct v2m_conf *conf, bool *closed,
    struct v2m_err *err);

/* For commands that use files of the user who runs them: if root runs one in
 * the state of another user, V2M_DENIED, with the command that runs as that
 * user. */
int v2m_state_refuse_root(const struct v2m_conf *conf, struct v2m_err *err);

#endif
