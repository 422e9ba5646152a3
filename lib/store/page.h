/* page.h - several records in memory, in a compact form.
 *
 * A driver's list() fills it, and v2m_store_each() reads it.  A struct
 * v2m_record has room for the longest texts, but most are short; here each text
 * takes only its length.
 */
#ifndef V2M_STORE_PAGE_H
#define V2M_STORE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/record.h"

/* Zeroed: empty. */
struct v2m_page {
	size_t n;		/* records */
	char *bytes;
	size_t used, room;	/* of bytes */
};

/* Append a copy.  V2M_TEMP: no memory. */
int v2m_page_add(struct v2m_page *p, const struct v2m_record *r,
    struct v2m_err *err);

/* Read the record at *at (0: the first), and move *at to the next one.
 * false: it is not valid. */
bool v2m_page_next(const struct v2m_page *p, size_t *at, struct v2m_record *r);

/* Forget the records, keep the memory. */
void v2m_page_clear(struct v2m_page *p);
void v2m_page_release(struct v2m_page *p);

#endif
