/* hint.h - what a file's name says about its content.
 *
 * Raw sound may have nothing in it that tells its format; then the name's
 * suffix counts.  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_HINT_H
#define V2M_MEDIA_HINT_H

#define V2M_HINT_SIZE 8		/* bytes of the longest suffix, with NUL */

/* Set hint to the name's suffix in lower case; "" if there is none, it is too
 * long, or it has other characters than ASCII letters and digits.  name may be
 * NULL. */
void v2m_hint(char hint[V2M_HINT_SIZE], const char *name);

#endif
