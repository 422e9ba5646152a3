/* local.h - the client's longer steps where this process uses the services
 * itself: for client.c alone.  Arguments and errors as in client.h. */
#ifndef V2M_CLIENT_LOCAL_H
#define V2M_CLIENT_LOCAL_H

#include "client/client.h"
#include "flow/services.h"

/* Has v2m-init run, for us?  V2M_CONFIG: no, and what to do; V2M_DENIED: the
 * state is another user's.  (local_ready.c) */
int v2m_local_set_up(const struct v2m_conf *conf, struct v2m_err *err);

/* The same, and accounts can be looked up.  (local_ready.c) */
int v2m_local_ready(const struct v2m_conf *conf, struct v2m_err *err);

/* Record `new`; object, complete or absent; message, confirmed; record
 * `queued`.  Only then is the ID returned.  An upload that fails anywhere
 * leaves nothing behind but, where its message may be out, a cancelled
 * record.  (local_upload.c) */
int v2m_local_upload(struct v2m_services *s, const struct v2m_upload_file *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

/* The MP3 out of the store, complete and verified.  (local_fetch.c) */
int v2m_local_fetch(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

#endif
