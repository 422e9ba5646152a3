/* orphan.h - MP3s of attempts that came to nothing.
 *
 * Each attempt stores its MP3 under an ID of its own before it commits, so a
 * worker that is killed in between leaves one that no record names.  Who
 * commits a later attempt removes those of the earlier ones; a holder that
 * was only frozen, and loses its commit later, removes its own.
 */
#ifndef V2M_FLOW_ORPHAN_H
#define V2M_FLOW_ORPHAN_H

#include "base/err.h"
#include "store/store.h"

/* r is done, as committed here: remove the MP3s of its older fences. */
int v2m_orphans_remove(struct v2m_store *s, const struct v2m_record *r,
    struct v2m_err *err);

#endif
