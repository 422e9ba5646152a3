/* token_file.h - the file that keeps a user's token between commands.
 *
 * $XDG_STATE_HOME/v2m/token (or below ~/.local/state), 0600, has a line for
 * each STATE and each `url`.  The variable V2M_TOKEN wins over it.  Commands
 * that write the file at the same time wait for each other.
 */
#ifndef V2M_AUTH_TOKEN_FILE_H
#define V2M_AUTH_TOKEN_FILE_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"

/* Keep a token for later commands, in place of the one for the same STATE or
 * url.  V2M_CANTCREATE; V2M_DENIED, also for what does not look like a token;
 * V2M_CONFIG where others can read the file. */
int v2m_token_file_save(const struct v2m_conf *conf, const char *token,
    struct v2m_err *err);

/* Remove that token; *was, unless NULL, says whether there was one. */
int v2m_token_file_remove(const struct v2m_conf *conf, bool *was,
    struct v2m_err *err);

/* The token that commands use: V2M_TOKEN, or else the one in the file (caller
 * wipes and frees).  NULL: V2M_DENIED, "not logged in: run v2m-login";
 * V2M_CONFIG: others can read the file. */
char *v2m_token_in_use(const struct v2m_conf *conf, struct v2m_err *err);

#endif
