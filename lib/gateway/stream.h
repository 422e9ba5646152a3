/* stream.h - the functions of flow/upload_stream.h, each with a connection of
 * the pool, which is taken for this call only; bytes that are only buffered
 * need none.  They return what that header says; if they get no connection,
 * V2M_TEMP and V2M_UPLOAD_OTHER. */
#ifndef V2M_GATEWAY_STREAM_H
#define V2M_GATEWAY_STREAM_H

#include "flow/upload_stream.h"
#include "gateway/server.h"

/* Begin an upload, and note its job in the log.  NULL: answered. */
struct v2m_upload_stream *v2m_stream_begin(struct v2m_rq *rq,
    const struct v2m_upload_stream_request *ask);

int v2m_stream_write(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    const void *buf, size_t n, struct v2m_err *err);
int v2m_stream_save(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    bool leave, struct v2m_err *err);
int v2m_stream_rewind(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    struct v2m_err *err);
int v2m_stream_abort(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    struct v2m_err *err);

#endif
