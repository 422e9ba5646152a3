/* ticket.h - a code in a URL that allows one download: for a minute, or, for a
 * player, for an hour.
 *
 * For browsers: following a link sends no Authorization, and a token must not
 * be in a URL.  A ticket ends with the token that it was made with.  It is
 * stored by ticket_store.h.
 */
#ifndef V2M_GATEWAY_TICKET_H
#define V2M_GATEWAY_TICKET_H

#include "auth/token.h"
#include "flow/services.h"

#define V2M_TICKET_SIZE 49	/* 48 hex digits and the NUL */
#define V2M_TICKET_MS 60000
#define V2M_TICKET_LISTEN_MS 3600000	/* at most: not beyond the session */

/* The user and the job of a ticket; the caller has to check the user by
 * v2m_session_confirm().  *listen: it is for a player, so the MP3 does not
 * count as fetched.  V2M_DENIED: it is unknown, or its time is over. */
int v2m_ticket_open(struct v2m_services *s, const char *code,
    struct v2m_claims *identity, char id[V2M_ID_SIZE], bool *listen,
    struct v2m_err *err);

#endif
