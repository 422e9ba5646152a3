/* fold.h - texts that are the same but for capitals.  Pure and thread-safe. */
#ifndef V2M_BASE_FOLD_H
#define V2M_BASE_FOLD_H

#include <stdbool.h>

#define V2M_FOLD_MAX 256	/* characters, with the NUL */

/* Does part stand in text, in capitals or not?  Both are UTF-8; letters of all
 * alphabets count, whatever the locale is.  "" stands everywhere.  Of text, the
 * first V2M_FOLD_MAX - 1 characters are looked at: names are no longer. */
bool v2m_fold_has(const char *text, const char *part);

#endif
