/* status_read.h - a record back from what v2m_status_json() says of it, as a
 * client of the gateway has it. */
#ifndef V2M_CLIENT_STATUS_READ_H
#define V2M_CLIENT_STATUS_READ_H

#include <jansson.h>

#include "base/err.h"
#include "store/record.h"

/* Fill *r: what v2m_status_json() and v2m_status_line() show of it is what
 * they showed of the first.  Nothing in o is believed: texts are cleaned and
 * cut, numbers are bounded, unknown members are passed over.  V2M_UNAVAILABLE:
 * it is no such object. */
int v2m_status_read(const json_t *o, struct v2m_record *r,
    struct v2m_err *err);

#endif
