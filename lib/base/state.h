/* state.h - whose the state is, and being that user.
 *
 * The state has one owner: who owns its database file, or the folder where no
 * such file is there yet.  What root does in it he does as that user, so that
 * no file of root's ever lands there; see v2m(7), The state folder.
 */
#ifndef V2M_BASE_STATE_H
#define V2M_BASE_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"

/* The owner.  1; 0: nothing is there; -1: V2M_DENIED, it is not known, or it is
 * a user without a number here. */
int v2m_state_owner(const struct v2m_conf *conf, uid_t *uid, gid_t *gid,
    struct v2m_err *err);

/* Root becomes the owner or, where there is no state here, the user that the
 * key `user` names, for good: groups, user, HOME and XDG_*.  The files
 * of passwords, keys and certificates that conf names are read first
 * (base/secret.h, base/kept_file.h), so this comes before any is used, before
 * the state is opened, and before there are threads.  Anybody else, and root in
 * a state of his own, stays what he is.  V2M_DENIED: it cannot be done; then
 * nothing may be done either.  V2M_CONFIG: the owner may not read a file that a
 * server's library will; `user` is nobody, or not the owner. */
int v2m_state_become(const struct v2m_conf *conf, struct v2m_err *err);

/* Make the folder STATE (0700) where it is not there, and close an empty one of
 * one's own to others; *closed: that was needed.  One that v2m was set up in
 * stays as it is.  V2M_CONFIG: that one is open to others, or it is any other
 * folder; nothing was made.  V2M_DENIED, V2M_CANTCREATE. */
int v2m_state_make(const struct v2m_conf *conf, bool *closed,
    struct v2m_err *err);

/* For commands that work with files of whoever runs them: V2M_DENIED to root
 * in another's state, with the command that works as that user. */
int v2m_state_refuse_root(const struct v2m_conf *conf, struct v2m_err *err);

#endif
