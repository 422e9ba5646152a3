/* lend.h - the engine of a worker, lent to commands beside it.
 *
 * Starting the engine, which links some 140 libraries, costs several times what
 * a look at an upload costs, and v2m-upload is often run for one file.  So a
 * worker that runs on and on lends its own: it listens at FOLDER/media.sock,
 * says hello to who connects, as the engine does, and hands on the jobs that
 * come, with their descriptors.  From there on the child answers whoever sent
 * the job, and dies with it, as it does where the engine is his own.
 *
 * Only checks of uploads are handed on, only those of the same user, and
 * within the worker's own limits: nobody comes by it to a child with fewer
 * walls than both want.  The engine holds no more than its control socket, as
 * ever, and forks a child for each job.
 *
 * Of several workers one lends; within 10 s of its end another does.  Who finds
 * none, or one that does not answer, starts an engine of his own.
 */
#ifndef V2M_MEDIA_LEND_H
#define V2M_MEDIA_LEND_H

#include "media/media.h"

struct v2m_lender;

/* Lend m (borrowed, until v2m_lend_end()) in a thread, which takes no signals.
 * NULL: that cannot be, which harms nobody; v2m_lend_end() takes it as well. */
struct v2m_lender *v2m_lend_start(struct v2m_media *m, const char *folder);
void v2m_lend_end(struct v2m_lender *l);

#endif
