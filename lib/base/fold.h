/* fold.h - compares texts without regard to case.  Pure and thread-safe. */
#ifndef V2M_BASE_FOLD_H
#define V2M_BASE_FOLD_H

#include <stdbool.h>

#define V2M_FOLD_MAX 512	/* characters, with the NUL */

/* Does text contain part, whatever the case?  Both are UTF-8; this works for
 * the letters of all alphabets, in any locale.  Every text contains "".  Only
 * the first V2M_FOLD_MAX - 1 characters of text are looked at: no name and no
 * reason is longer. */
bool v2m_fold_has(const char *text, const char *part);

#endif
