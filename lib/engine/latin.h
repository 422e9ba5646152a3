/* latin.h - texts of old formats, which do not say how they are coded.
 *
 * Programs write them in the code page of a Windows of Western Europe, or
 * in UTF-8.  Pure logic.
 */
#ifndef ENGINE_LATIN_H
#define ENGINE_LATIN_H

#include <stdbool.h>
#include <stddef.h>

/* src as UTF-8, cut at a character's border, without controls.  One that is
 * not well-formed UTF-8 is taken for Windows-1252 as a whole where old is
 * true, else its wrong bytes become '?'.  A control of the C1 set is what
 * Windows-1252 has in its place.  lines: line breaks become line feeds, else
 * blanks, as tabs do. */
void latin_to_utf8(char *dst, size_t size, const char *src, bool old,
    bool lines);

#endif
