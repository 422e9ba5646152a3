/* status_read.h - the JSON of a job's status, parsed: the reverse of
 * v2m_status_json().  Thread-safe. */
#ifndef V2M_CLIENT_STATUS_READ_H
#define V2M_CLIENT_STATUS_READ_H

#include <jansson.h>

#include "base/err.h"
#include "store/record.h"

/* Fill *r so that v2m_status_json() and v2m_status_line() show the same as they
 * did of the record at the gateway.  Nothing in o is trusted: texts are cleaned
 * and cut, numbers are bounded, unknown members are ignored.  V2M_UNAVAILABLE:
 * it is not the status of a job. */
int v2m_status_read(const json_t *o, struct v2m_record *r,
    struct v2m_err *err);

#endif
