/* finishing.h - makes jobs of complete uploads: a few at a time, and only one
 * of each owner, so that an owner with many uploads does not keep others
 * waiting.
 *
 * To become a job, an upload is flushed, perhaps read back, checked for sound,
 * and published.  This is done in the thread of the request that brought the
 * last byte, with connections to the services that no other request uses; none
 * is held while the engine checks.
 *
 * There are two queues, and in each probe_concurrency uploads go on at a time.
 * In the first, uploads are checked.  An upload that has waited there for 5 s,
 * or whose client has left, changes to the second, and is accepted without a
 * check; so the queue is short, however slow the checks are.
 *
 * If the client leaves, only the check is broken off; everything else goes on.
 * While a resumable upload is finished, it is marked for other gateways
 * (marks.h).  Thread-safe.
 */
#ifndef V2M_GATEWAY_FINISHING_H
#define V2M_GATEWAY_FINISHING_H

#include "flow/upload_stream.h"
#include "gateway/pool.h"
#include "gateway/server.h"
#include "media/media.h"

struct v2m_finishing;

/* media: the engine; NULL: uploads are not checked.  pool: that of all
 * requests.  All are borrowed.  NULL: V2M_TEMP. */
struct v2m_finishing *v2m_finishing_new(const struct v2m_conf *conf,
    struct v2m_media *media, struct v2m_pool *pool, struct v2m_err *err);

/* No upload may be in it any more.  NULL is fine. */
void v2m_finishing_free(struct v2m_finishing *f);

/* Make a job of it, as v2m_upload_stream_finish_begin() and _end() do: 0, -1.
 * 1, without an error: another request or gateway finishes it or has finished
 * it, so look again. */
int v2m_finishing_run(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    bool *existed, struct v2m_err *err);

/* Is the upload of this ID being finished in this gateway? */
bool v2m_finishing_has(struct v2m_rq *rq, const char *id);

/* Is it being finished in another gateway?  1, 0, -1. */
int v2m_finishing_is_elsewhere(struct v2m_rq *rq, struct v2m_services *s,
    const char *id, struct v2m_err *err);

/* Wait until it is finished.  false: it is not, after some seconds. */
bool v2m_finishing_wait(struct v2m_rq *rq, const char *id);

#endif
