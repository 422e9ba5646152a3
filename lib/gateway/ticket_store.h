/* ticket_store.h - stores tickets of all kinds.
 *
 * A ticket is a document in the store (store/document.h), so all gateways know
 * it.  The store has only the hash of its code, so a ticket cannot be read from
 * the store.  Errors: those of store.h.
 */
#ifndef V2M_GATEWAY_TICKET_STORE_H
#define V2M_GATEWAY_TICKET_STORE_H

#include <jansson.h>

#include "auth/token.h"
#include "gateway/ticket.h"
#include "store/store.h"

/* Make a ticket that is valid for lasts_ms.  opens: "" or a word for its kind;
 * a code of one kind is not valid for another.  what: an object with the facts
 * to be stored, besides the user; it is taken over; NULL means no memory.  Some
 * tickets whose time is over are removed, and the oldest of an account that has
 * too many (ticket_list.h). */
int v2m_ticket_keep(struct v2m_services *s, const char *opens,
    const struct v2m_claims *identity, json_t *what, int64_t lasts_ms,
    char code[V2M_TICKET_SIZE], struct v2m_err *err);

/* The user and the facts of a ticket; the caller drops the reference *what.
 * V2M_DENIED: it is unknown, or its time is over. */
int v2m_ticket_find(struct v2m_store *s, const char *opens, const char *code,
    struct v2m_claims *identity, json_t **what, struct v2m_err *err);

/* Set err, V2M_BUG: *what is not what was stored.  Returns -1. */
int v2m_ticket_damaged(struct v2m_err *err);

#endif
