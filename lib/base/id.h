/* id.h - IDs: 24 lower-case hex digits, a MongoDB ObjectId.
 *
 * Four bytes of seconds since 1970 and two of 65,536ths of a second, so that
 * IDs sort by age; three random bytes of the process, and three of a counter
 * that starts at random, so that two machines never make the same.  For other
 * programs, only the seconds of an ObjectId have a meaning.
 * An ID is a name and not a permission: knowing it does not give access.
 */
#ifndef V2M_BASE_ID_H
#define V2M_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define V2M_ID_SIZE 25		/* 24 digits and the NUL */

/* A new ID.  Thread-safe; safe across fork. */
void v2m_id_new(char id[V2M_ID_SIZE]);

/* Is it an ID: exactly 24 of 0-9a-f?  To be used for every ID that comes in. */
bool v2m_id_valid(const char *s);

/* The same for an ID from a person.  -1: V2M_NOINPUT, and what an ID is. */
int v2m_id_check(const char *s, struct v2m_err *err);

/* When it was made, in milliseconds since 1970.  id must be valid. */
int64_t v2m_id_time_ms(const char *id);

/* n random bytes, from the kernel.  n is at most 256. */
void v2m_random(void *buf, unsigned n);

#endif
