/* zip.h - MP3s of one user as one ZIP, made while it is sent.
 *
 * MP3s are stored, not compressed; a large ZIP is ZIP64.  Only a piece of one
 * MP3 is in memory.  zip.c is the route; zip_stream.c makes the ZIP, and is the
 * only file that uses libarchive; zip_ticket.c has the tickets for browsers.
 */
#ifndef V2M_GATEWAY_ZIP_H
#define V2M_GATEWAY_ZIP_H

#include "auth/token.h"
#include "base/conf.h"
#include "gateway/pool.h"
#include "gateway/ticket.h"
#include "store/record.h"

#define V2M_ZIP_MOST 2000	/* jobs in one */

struct v2m_zip;

/* A ZIP of the MP3s of these n jobs; ids (n times V2M_ID_SIZE bytes) is copied.
 * identity is the user, whose session was checked just now; it is checked again
 * every minute.  An MP3 that is gone when its turn comes is named in a text
 * file in the ZIP.  conf and pool are borrowed.  NULL: no memory. */
struct v2m_zip *v2m_zip_new(const struct v2m_conf *conf,
    struct v2m_pool *pool, const struct v2m_claims *identity, const char *ids,
    size_t n);

/* The read_fn of v2m_rq_reply_stream(), with a struct v2m_zip: -1 if an MP3
 * cannot be read to its end, or the session has ended. */
ssize_t v2m_zip_read(void *zip, int64_t at, void *buf, size_t n);

/* Note in the records of its MP3s that they were fetched. */
void v2m_zip_note_fetched(struct v2m_zip *zip);

/* A ticket for a ZIP of these jobs, good for V2M_TICKET_MS. */
int v2m_zip_ticket_make(struct v2m_services *s,
    const struct v2m_claims *identity, char ids[][V2M_ID_SIZE], size_t n,
    char code[V2M_TICKET_SIZE], struct v2m_err *err);

/* The user and the jobs of such a ticket, as v2m_ticket_open().  ids must be
 * zeroed before. */
int v2m_zip_ticket_open(struct v2m_store *s, const char *code,
    struct v2m_claims *identity, char ids[V2M_ZIP_MOST][V2M_ID_SIZE],
    size_t *n, struct v2m_err *err);

void v2m_zip_free(struct v2m_zip *zip);		/* NULL is fine */

#endif
