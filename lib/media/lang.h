/* lang.h - compare and convert codes of languages.
 *
 * Containers use ISO 639-1 ("de"), 639-2/B ("ger"), 639-2/T ("deu") or BCP 47
 * ("de-AT").  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_LANG_H
#define V2M_MEDIA_LANG_H

#include <stdbool.h>

#define V2M_LANG_SIZE 36	/* bytes of the longest tag, with NUL */

/* Has it the form of a tag: two or three letters, and subtags after hyphens?
 * Whether it exists is not checked. */
bool v2m_lang_valid(const char *tag);

/* Do both name the same language?  Subtags (country, script) do not count.  An
 * invalid tag equals nothing. */
bool v2m_lang_equal(const char *a, const char *b);

/* Set three to the ISO 639-2/T code of the language, without subtags.  false:
 * the tag is invalid, or has no such code. */
bool v2m_lang_three(char three[4], const char *tag);

#endif
