/* ticket_list.h - the list of an account's tickets, which limits their number.
 *
 * A document of the store for each account, which changes by compare-and-set.
 * Accounts without limits (flow/limits.h) have none.
 */
#ifndef V2M_GATEWAY_TICKET_LIST_H
#define V2M_GATEWAY_TICKET_LIST_H

#include <stdint.h>

#include "auth/token.h"
#include "flow/services.h"

#define V2M_TICKETS_MOST 64	/* of one account, of whatever kind */

/* Add a ticket, before it is made: its key, and when it ends (wall ms).  If
 * there are more than V2M_TICKETS_MOST, the oldest is removed. */
int v2m_ticket_list_add(struct v2m_services *s,
    const struct v2m_claims *identity, const char *key, int64_t until,
    struct v2m_err *err);

#endif
