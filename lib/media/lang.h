/* lang.h - names of languages, of which there are four kinds.
 *
 * ISO 639-1 ("de"), 639-2/B ("ger"), 639-2/T ("deu") and BCP 47 ("de-AT"):
 * containers use any of them.  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_LANG_H
#define V2M_MEDIA_LANG_H

#include <stdbool.h>

#define V2M_LANG_SIZE 36	/* bytes of the longest tag that is taken */

/* Does it look like one: two or three letters, and subtags behind hyphens? */
bool v2m_lang_valid(const char *tag);

/* Do both mean the same language?  Subtags (country, script) do not count.
 * What is not a tag equals nothing. */
bool v2m_lang_equal(const char *a, const char *b);

/* The language itself by three letters, as ISO 639-2/T has it, without what is
 * behind a hyphen.  false: it is not a tag, or has none. */
bool v2m_lang_three(char three[4], const char *tag);

#endif
