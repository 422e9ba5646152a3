/* finishing.h - uploads of which all bytes are there become jobs: a few at a
 * time, and one of each owner, so that nobody's many keep others from theirs.
 *
 * To become a job, an upload is flushed, perhaps read back, looked at for sound
 * and published.  This is done in the thread of the request that brought the
 * last byte, with connections to the services that no other request waits for;
 * none is held while the engine looks.  There are two lines: those in the first
 * are looked at.  Who has waited 5 s there, or has lost his client, changes
 * to the second, and is accepted without that; so the line is short however
 * slow the files are.  In each probe_concurrency go on at a time.
 *
 * Only the look ends with its client; all else, once begun, goes on.  An upload
 * that others may ask for is marked for other gateways meanwhile (marks.h).
 * Thread-safe.
 */
#ifndef V2M_GATEWAY_FINISHING_H
#define V2M_GATEWAY_FINISHING_H

#include "flow/upload_stream.h"
#include "gateway/pool.h"
#include "gateway/server.h"
#include "media/media.h"

struct v2m_finishing;

/* media: the engine; NULL: no upload is looked at.  pool: that of all requests.
 * All are borrowed.  NULL: V2M_TEMP. */
struct v2m_finishing *v2m_finishing_new(const struct v2m_conf *conf,
    struct v2m_media *media, struct v2m_pool *pool, struct v2m_err *err);

/* Nothing may be going on in it.  NULL is fine. */
void v2m_finishing_free(struct v2m_finishing *f);

/* Make a job of it, as v2m_upload_stream_finish_begin() and _end() do; 0, -1.
 * 1, without an error: somebody else was at it, or still is: look again. */
int v2m_finishing_run(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    bool *existed, struct v2m_err *err);

/* Is that of this ID being finished here? */
bool v2m_finishing_has(struct v2m_rq *rq, const char *id);

/* Is it being finished by another gateway?  1, 0, -1. */
int v2m_finishing_is_elsewhere(struct v2m_rq *rq, struct v2m_services *s,
    const char *id, struct v2m_err *err);

/* Wait until it has ended.  false: it has not, after some seconds. */
bool v2m_finishing_wait(struct v2m_rq *rq, const char *id);

#endif
