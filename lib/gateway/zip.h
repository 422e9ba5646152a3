/* zip.h - MP3s of one user as one ZIP, made while it is sent.
 *
 * Stored, not compressed, with ZIP64 where it is large.  A piece of one MP3 is
 * in memory, however many there are.  zip.c is the route, zip_stream.c what
 * goes out, which alone knows libarchive, zip_ticket.c what a browser gets.
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

/* Of the MP3s of these n jobs, of which ids (n times V2M_ID_SIZE bytes) is
 * copied; identity is who asks, as was confirmed just now, and is again every
 * minute.  What is no longer there when its turn comes is named in a text in
 * the ZIP.  conf and pool are borrowed.  NULL: no memory. */
struct v2m_zip *v2m_zip_new(const struct v2m_conf *conf,
    struct v2m_pool *pool, const struct v2m_claims *identity, const char *ids,
    size_t n);

/* What v2m_rq_reply_stream() calls, with a struct v2m_zip: -1 where an MP3
 * cannot be read to its end, or the session ended. */
ssize_t v2m_zip_read(void *zip, int64_t at, void *buf, size_t n);

/* Note those that are in it as fetched. */
void v2m_zip_note_fetched(struct v2m_zip *zip);

/* A ticket for a ZIP of these jobs, good for V2M_TICKET_MS. */
int v2m_zip_ticket_make(struct v2m_store *s, const struct v2m_claims *identity,
    char ids[][V2M_ID_SIZE], size_t n, char code[V2M_TICKET_SIZE],
    struct v2m_err *err);

/* Whom and which jobs it was made for, as v2m_ticket_open() has it.  ids is all
 * zero before. */
int v2m_zip_ticket_open(struct v2m_store *s, const char *code,
    struct v2m_claims *identity, char ids[V2M_ZIP_MOST][V2M_ID_SIZE],
    size_t *n, struct v2m_err *err);

void v2m_zip_free(struct v2m_zip *zip);		/* NULL is fine */

#endif
