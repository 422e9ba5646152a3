/* latin.h - texts of old formats that do not state their encoding: Windows-1252
 * or UTF-8.  Pure logic.
 */
#ifndef ENGINE_LATIN_H
#define ENGINE_LATIN_H

#include <stdbool.h>
#include <stddef.h>

/* Write src to dst as UTF-8, cut between characters to `size` bytes with the
 * NUL, without control characters.  If src is not valid UTF-8, all of it is
 * read as Windows-1252 if `old`, else invalid bytes become '?'.  A C1 control
 * becomes the character that Windows-1252 has there.  lines: line breaks become
 * line feeds; else they become blanks, as tabs do. */
void latin_to_utf8(char *dst, size_t size, const char *src, bool old,
    bool lines);

#endif
