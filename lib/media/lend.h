/* lend.h - a worker's engine, lent to commands on the same machine.
 *
 * Starting the engine, which links some 140 libraries, takes several times as
 * long as checking an upload, and v2m-upload is often run for one file.  So a
 * worker lends its engine: it listens at FOLDER/media.sock, sends the engine's
 * hello to a client that connects, and passes on the client's jobs with their
 * descriptors.  From then on the child reports to the client, and is killed
 * when the client closes its lifeline, as with an engine of its own.
 *
 * Only checks of uploads are passed on, only from the same user, and within the
 * stricter limits of worker and client, so no client gets a child with a weaker
 * sandbox than both want.  The engine itself has no descriptor but its control
 * socket, and forks a child for each job.
 *
 * Of several workers one lends; if it ends, another does within 10 s.  A client
 * that finds none, or gets no response, starts an engine of its own.
 */
#ifndef V2M_MEDIA_LEND_H
#define V2M_MEDIA_LEND_H

#include "media/media.h"

struct v2m_lender;

/* Lend m (borrowed until v2m_lend_end()) in a thread that blocks all signals.
 * NULL: that is not possible, and not an error; v2m_lend_end() accepts NULL. */
struct v2m_lender *v2m_lend_start(struct v2m_media *m, const char *folder);
void v2m_lend_end(struct v2m_lender *l);

#endif
