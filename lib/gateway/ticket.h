/* ticket.h - a code that opens one download for a minute, or lets a player have
 * it for an hour.
 *
 * For browsers: a link carries no Authorization, and a token has no place in
 * a URL.  How it is kept is in ticket_store.h.  It ends with the token that it
 * was made by.
 */
#ifndef V2M_GATEWAY_TICKET_H
#define V2M_GATEWAY_TICKET_H

#include "auth/token.h"
#include "flow/services.h"

#define V2M_TICKET_SIZE 49	/* 48 hex digits and the NUL */
#define V2M_TICKET_MS 60000
#define V2M_TICKET_LISTEN_MS 3600000	/* at most: not beyond the session */

/* Whom and which job it was made for; the caller asks v2m_session_confirm()
 * whether that still counts.  *listen: it is a player's, who has not fetched
 * the MP3 by that.  V2M_DENIED: unknown, or its time is over. */
int v2m_ticket_open(struct v2m_services *s, const char *code,
    struct v2m_claims *identity, char id[V2M_ID_SIZE], bool *listen,
    struct v2m_err *err);

#endif
