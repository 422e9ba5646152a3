/* local.h - the longer functions of the client without a gateway: for client.c
 * alone.  Arguments and errors as in client.h. */
#ifndef V2M_CLIENT_LOCAL_H
#define V2M_CLIENT_LOCAL_H

#include "client/client.h"
#include "flow/services.h"

/* Was v2m-init run here?  V2M_CONFIG: no, with what to do; V2M_DENIED: the
 * state belongs to another user.  (local_ready.c) */
int v2m_local_set_up(const struct v2m_conf *conf, struct v2m_err *err);

/* The same, and can accounts be read?  (local_ready.c) */
int v2m_local_ready(const struct v2m_conf *conf, struct v2m_err *err);

/* In this order: a record in state `new`; the whole object; the message, once
 * it is confirmed; the state `queued`.  Then the ID is returned.  An upload
 * that fails leaves nothing, or a cancelled record if its message may have been
 * published.  (local_upload.c) */
int v2m_local_upload(struct v2m_services *s, const struct v2m_upload_file *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

/* Copy the MP3 out of the store and verify it.  (local_fetch.c) */
int v2m_local_fetch(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

#endif
