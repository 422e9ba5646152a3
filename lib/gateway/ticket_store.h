/* ticket_store.h - how tickets are kept, whatever they open.
 *
 * A ticket is a document in the store (store/document.h), so all gateways know
 * it; the store holds its hash, so a ticket cannot be read from it.  Common
 * errors: those of store.h.
 */
#ifndef V2M_GATEWAY_TICKET_STORE_H
#define V2M_GATEWAY_TICKET_STORE_H

#include <jansson.h>

#include "auth/token.h"
#include "gateway/ticket.h"
#include "store/store.h"

/* Make one that lasts so long.  opens: "" or a word; no code of one opens
 * another.  what: an object with all that is to be known later besides whose it
 * is; it is taken over, NULL is no memory.  Some tickets that are over are
 * removed. */
int v2m_ticket_keep(struct v2m_store *s, const char *opens,
    const struct v2m_claims *identity, json_t *what, int64_t lasts_ms,
    char code[V2M_TICKET_SIZE], struct v2m_err *err);

/* Whose it is, and *what, to be dropped by the caller.  V2M_DENIED: unknown, or
 * its time is over. */
int v2m_ticket_find(struct v2m_store *s, const char *opens, const char *code,
    struct v2m_claims *identity, json_t **what, struct v2m_err *err);

/* V2M_BUG, where *what is not what was kept.  Returns -1. */
int v2m_ticket_damaged(struct v2m_err *err);

#endif
