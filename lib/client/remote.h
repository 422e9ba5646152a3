/* remote.h - the steps of the flow, asked of a gateway.
 *
 * Each function stands for the one of lib/flow or lib/auth that its comment
 * names: the same arguments, results, messages and codes, as far as another
 * machine's answer can give them.  What may be asked twice is asked again
 * after a broken connection and when the gateway is busy or away, for
 * url_timeout.  For one thread.
 */
#ifndef V2M_CLIENT_REMOTE_H
#define V2M_CLIENT_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"
#include "client/local_fetch.h"
#include "client/local_upload.h"
#include "store/record.h"

struct v2m_remote;

/* --- logins (login.c) --- */

/* v2m_session_login(). */
char *v2m_remote_login(const struct v2m_conf *conf, const char *address,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* v2m_session_whoami(). */
int v2m_remote_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* See v2m_desk_netrc(). */
int v2m_remote_netrc(const struct v2m_conf *conf,
    char address[V2M_ADDRESS_MAX], char **password, struct v2m_err *err);

/* A connection with the token in force, which was found to count.  Where there
 * is none, or it counts no more, and ~/.netrc knows the gateway, one is
 * fetched with that and kept. */
struct v2m_remote *v2m_remote_open(const struct v2m_conf *conf,
    struct v2m_claims *who, struct v2m_err *err);
void v2m_remote_close(struct v2m_remote *r);	/* NULL is fine */

/* --- jobs --- */

/* v2m_upload(), by the tus protocol in pieces, each of which goes on where
 * the last ended, whatever was cut off or restarted meanwhile.  A pipe is
 * copied to a temporary file first.  (upload.c) */
int v2m_remote_upload(struct v2m_remote *r, const struct v2m_upload *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

/* v2m_fetch(); goes on where a broken connection ended.  (fetch.c) */
int v2m_remote_fetch(struct v2m_remote *r, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

/* v2m_access().  (status.c) */
int v2m_remote_find(struct v2m_remote *r, const char *id,
    struct v2m_record *record, struct v2m_err *err);

/* v2m_store_list(): one's own, or everybody's, or those of them that were made
 * from the bytes of sha256, unless that is NULL.  (status.c) */
int v2m_remote_list(struct v2m_remote *r, bool everybody, const char *sha256,
    struct v2m_record **list, size_t *n, struct v2m_err *err);

/* v2m_remove().  (remove.c) */
int v2m_remote_remove(struct v2m_remote *r, const char *id,
    struct v2m_err *err);

#endif
