/* status_table.h - jobs as rows of a table, for a terminal.  Thread-safe. */
#ifndef V2M_CLIENT_STATUS_TABLE_H
#define V2M_CLIENT_STATUS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/record.h"

/* What v2m_status_line() says, for a terminal of width columns: what does not
 * fit is left out or cut.  now_ms: wall time.  colour: mark failures. */
void v2m_status_row(FILE *out, const struct v2m_record *r, int64_t now_ms,
    int width, bool colour);

/* The heading above such rows. */
void v2m_status_heading(FILE *out, int width);

#endif
