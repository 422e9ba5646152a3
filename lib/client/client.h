/* client.h - where a user's commands take their business.
 *
 * With `url` in the configuration that is a gateway, by HTTP (remote.h);
 * else it is the services that the configuration names (lib/flow).  Here is
 * the one place that knows: the commands ask the desk, and say and return the
 * same either way.
 *
 * For one thread.  Over HTTP, errors have the codes and words that the gateway
 * gave, and these besides: V2M_TEMP, it did not answer in url_timeout;
 * V2M_UNAVAILABLE, what answers is no gateway of ours; V2M_CONFIG, its
 * certificate is not to be trusted.
 */
#ifndef V2M_CLIENT_CLIENT_H
#define V2M_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"
#include "client/local_fetch.h"
#include "client/local_upload.h"
#include "store/record.h"

struct v2m_desk;

/* Step up to it as whoever is logged in here, or else as whom ~/.netrc names
 * for the gateway.  with_queue: to upload for the queue.  conf is borrowed
 * until v2m_desk_close().  NULL: V2M_DENIED, not logged in, or the token does
 * not count; or what the services say. */
struct v2m_desk *v2m_desk_open(const struct v2m_conf *conf, bool with_queue,
    struct v2m_err *err);
void v2m_desk_close(struct v2m_desk *d);	/* NULL is fine */

/* Start what looks for sound before an upload: *media is the caller's to
 * free.  NULL with 0 where the desk looks itself and this machine cannot. */
int v2m_desk_media(const struct v2m_desk *d, struct v2m_media **media,
    struct v2m_err *err);

/* v2m_upload(), v2m_fetch(), v2m_access() and v2m_remove() as whoever stands
 * here; u->owner is not looked at. */
int v2m_desk_upload(struct v2m_desk *d, const struct v2m_upload *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err);
int v2m_desk_fetch(struct v2m_desk *d, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);
int v2m_desk_find(struct v2m_desk *d, const char *id, struct v2m_record *r,
    struct v2m_err *err);
int v2m_desk_remove(struct v2m_desk *d, const char *id, struct v2m_err *err);

/* One's own jobs by age, or everybody's (V2M_DENIED but for administrators);
 * *list is the caller's to free(), and may be NULL where *n is 0. */
int v2m_desk_list(struct v2m_desk *d, bool everybody,
    struct v2m_record **list, size_t *n, struct v2m_err *err);

/* --- without standing at it: v2m-login --- */

/* v2m_session_login(), v2m_session_whoami(). */
char *v2m_desk_login(const struct v2m_conf *conf, const char *address,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);
int v2m_desk_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* Does ~/.netrc know a password for the gateway?  address: whose, or "" for
 * the first, whose it then becomes.  1 with *password (caller wipes and
 * frees); 0; -1: V2M_CONFIG, others can read the file. */
int v2m_desk_netrc(const struct v2m_conf *conf, char address[V2M_ADDRESS_MAX],
    char **password, struct v2m_err *err);

#endif
