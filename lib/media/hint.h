/* hint.h - what a file's name says about what is in it.
 *
 * Sound without a container may have nothing in it that tells what it is; then
 * the ending of its name counts.  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_HINT_H
#define V2M_MEDIA_HINT_H

#define V2M_HINT_SIZE 8		/* bytes of the longest ending, with NUL */

/* The name's ending in lower case, letters and digits of ASCII only; "" where
 * there is none such.  name may be NULL. */
void v2m_hint(char hint[V2M_HINT_SIZE], const char *name);

#endif
