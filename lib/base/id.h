/* id.h - IDs: 24 lower-case hex digits, a MongoDB ObjectId.
 *
 * Four bytes of seconds since 1970, five random bytes of the process, three
 * bytes of a counter that starts at random (the BSON specification's
 * ObjectId), so that IDs sort by age and two machines make no equal ones.
 * An ID is a name, never a permission: who knows one may not yet read it.
 */
#ifndef V2M_BASE_ID_H
#define V2M_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define V2M_ID_SIZE 25		/* 24 digits and the NUL */

/* A new ID.  Thread-safe; safe across fork. */
void v2m_id_new(char id[V2M_ID_SIZE]);

/* Is it one?  The one grammar for every entrance: exactly 24 of 0-9a-f. */
bool v2m_id_valid(const char *s);

/* When it was made, in milliseconds since 1970.  id must be valid. */
int64_t v2m_id_time_ms(const char *id);

/* n random bytes, from the kernel.  n is at most 256. */
void v2m_random(void *buf, unsigned n);

#endif
